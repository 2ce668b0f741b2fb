import { inSeconds, parseDuration } from '../core/duration.ts';
import { isObject, jsonText, type Json } from '../core/json.ts';

/** The form of a field's value: a named one, the words of an enumeration, or the fields of a message. */
export type Form = FormName | readonly string[] | Fields;
/** The fields of a message by their names in camel case. */
export interface Fields {
  readonly [name: string]: Form;
}
type FormName = keyof typeof formProblems;

const tracer: Fields = { address: 'address' };
const remote: Fields = { address: 'address', tlsSettings: 'mapping', tcpKeepalive: 'mapping' };
const switchedOff: Fields = { disabled: 'flag' };
const switchedOn: Fields = { enabled: 'flag' };
const acceleration: Fields = { pollDelay: 'duration', fallback: 'flag' };
const clientCertificate = [
  'UNDEFINED',
  'SANITIZE',
  'FORWARD_ONLY',
  'APPEND_FORWARD',
  'SANITIZE_SET',
  'ALWAYS_FORWARD_ONLY',
];

/** The settings of a ProxyConfig. Source: istio.io/api `mesh/v1alpha1/proxy.proto`. */
export const proxyConfigFields: Fields = {
  configPath: 'filled',
  binaryPath: 'filled',
  serviceCluster: 'filled',
  tracingServiceName: [
    'APP_LABEL_AND_NAMESPACE',
    'CANONICAL_NAME_ONLY',
    'CANONICAL_NAME_AND_NAMESPACE',
  ],
  drainDuration: 'seconds',
  discoveryAddress: 'address',
  discoveryRefreshDelay: 'duration',
  zipkinAddress: 'text',
  statsdUdpAddress: 'maybeAddress',
  envoyMetricsServiceAddress: 'text',
  proxyAdminPort: 'port',
  availabilityZone: 'text',
  controlPlaneAuthPolicy: ['NONE', 'MUTUAL_TLS', 'INHERIT'],
  customConfigFile: 'text',
  statNameLength: 'whole',
  concurrency: 'whole',
  proxyBootstrapTemplatePath: 'text',
  interceptionMode: ['REDIRECT', 'TPROXY', 'NONE'],
  tracing: {
    zipkin: tracer,
    lightstep: { ...tracer, accessToken: 'text' },
    datadog: tracer,
    stackdriver: {
      debug: 'flag',
      maxNumberOfAttributes: 'whole',
      maxNumberOfAnnotations: 'whole',
      maxNumberOfMessageEvents: 'whole',
    },
    openCensusAgent: { ...tracer, context: 'list' },
    customTags: 'mapping',
    maxPathTagLength: 'count',
    sampling: 'number',
    tlsSettings: 'mapping',
    enableIstioTags: 'flag',
  },
  sds: { enabled: 'flag', k8sSaJwtPath: 'text' },
  envoyAccessLogService: remote,
  envoyMetricsService: remote,
  proxyMetadata: 'textByName',
  runtimeValues: 'textByName',
  statusPort: 'port',
  extraStatTags: 'texts',
  gatewayTopology: {
    numTrustedProxies: 'count',
    forwardClientCertDetails: clientCertificate,
    proxyProtocol: 'mapping',
  },
  terminationDrainDuration: 'duration',
  meshId: 'text',
  readinessProbe: 'mapping',
  proxyStatsMatcher: {
    inclusionPrefixes: 'texts',
    inclusionSuffixes: 'texts',
    inclusionRegexps: 'texts',
  },
  holdApplicationUntilProxyStarts: 'flag',
  caCertificatesPem: 'texts',
  image: { imageType: 'text' },
  privateKeyProvider: { cryptomb: acceleration, qat: acceleration },
  proxyHeaders: {
    forwardedClientCert: clientCertificate,
    setCurrentClientCertDetails: {
      subject: 'flag',
      cert: 'flag',
      chain: 'flag',
      dns: 'flag',
      uri: 'flag',
    },
    requestId: switchedOff,
    server: { ...switchedOff, value: 'text' },
    attemptCount: switchedOff,
    envoyDebugHeaders: switchedOff,
    metadataExchangeHeaders: { mode: ['UNDEFINED', 'IN_MESH'] },
    preserveHttp1HeaderCase: 'flag',
    xForwardedHost: switchedOn,
    xForwardedPort: switchedOn,
  },
  fileFlushInterval: 'duration',
  fileFlushMinSizeKb: 'count',
  statsCompression: 'flag',
  connectionSettings: {
    profile: ['SIDECAR', 'EDGE'],
    listenerPerConnectionBufferLimitBytes: 'whole',
    clusterPerConnectionBufferLimitBytes: 'whole',
    httpIdleTimeout: 'bound',
    httpMaxConnectionDuration: 'bound',
    httpDrainTimeout: 'bound',
    httpRequestTimeout: 'bound',
    httpRequestHeadersTimeout: 'bound',
    httpStreamIdleTimeout: 'bound',
    httpMaxStreamDuration: 'bound',
    httpMaxConcurrentStreams: 'whole',
    http2InitialStreamWindowSize: 'whole',
    http2InitialConnectionWindowSize: 'whole',
    httpHeadersWithUnderscoresAction: [
      'HEADERS_WITH_UNDERSCORES_UNSPECIFIED',
      'HEADERS_WITH_UNDERSCORES_ALLOW',
      'HEADERS_WITH_UNDERSCORES_REJECT_REQUEST',
      'HEADERS_WITH_UNDERSCORES_DROP_HEADER',
    ],
    httpMergeSlashes: 'flag',
    httpPathWithEscapedSlashesAction: [
      'PATH_WITH_ESCAPED_SLASHES_UNSPECIFIED',
      'KEEP_UNCHANGED',
      'REJECT_REQUEST',
      'UNESCAPE_AND_REDIRECT',
      'UNESCAPE_AND_FORWARD',
    ],
    listenerConnectionLimit: 'whole',
    globalDownstreamConnectionLimit: 'whole',
  },
};

/** Why Istio refuses a value of a field that is no message, as a clause; undefined where it takes it. */
export function formProblem(form: FormName | readonly string[], value: Json): string | undefined {
  if (typeof form === 'string') {
    return formProblems[form](value);
  }
  return Number.isInteger(value) || (typeof value === 'string' && form.includes(value))
    ? undefined
    : `${jsonText(value)} is none of ${form.join(', ')}`;
}

const formProblems = {
  text: textProblem,
  filled: (value: Json) => (value === '' ? 'it must not be empty' : textProblem(value)),
  address: addressProblem,
  maybeAddress: (value: Json) => (value === '' ? undefined : addressProblem(value)),
  flag: (value: Json) =>
    typeof value === 'boolean'
      ? undefined
      : `${jsonText(value)} must be true or false without quotes`,
  whole: (value: Json) => numberProblem(value, -(2 ** 31), 2 ** 31 - 1),
  count: (value: Json) => numberProblem(value, 0, 2 ** 32 - 1),
  port: (value: Json) => numberProblem(value, 1, 65_535),
  number: (value: Json) =>
    typeof value === 'number' ||
    (typeof value === 'string' && /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.test(value))
      ? undefined
      : `${jsonText(value)} is no number`,
  duration: durationProblem,
  seconds: secondsProblem,
  bound: boundProblem,
  mapping: mappingProblem,
  textByName: mappingProblem,
  list: (value: Json) => (Array.isArray(value) ? undefined : 'it must be a list'),
  texts: (value: Json) =>
    Array.isArray(value) && value.every((item) => item === null || typeof item === 'string')
      ? undefined
      : 'it must be a list of texts',
} as const satisfies Readonly<Record<string, (value: Json) => string | undefined>>;

/** Why Istio refuses a value where a text is wanted. */
export function textProblem(value: Json): string | undefined {
  return typeof value === 'string' ? undefined : `${jsonText(value)} must be quoted to be a text`;
}

function mappingProblem(value: Json): string | undefined {
  return isObject(value) ? undefined : 'it must be a mapping';
}

function addressProblem(value: Json): string | undefined {
  const [, port] = /^.+:(\d{1,5})$/u.exec(typeof value === 'string' ? value : '') ?? [];
  return port === undefined || numberProblem(Number(port), 1, 65_535) !== undefined
    ? `${jsonText(value)} is no address with a port such as istiod.istio-system.svc:15012`
    : undefined;
}

/** Protobuf reads a whole number in quotes as well. */
function numberProblem(value: Json, least: number, most: number): string | undefined {
  const quoted = typeof value === 'string' && /^-?\d{1,10}$/u.test(value);
  const amount = quoted ? Number(value) : value;
  if (typeof amount !== 'number' || !Number.isInteger(amount)) {
    return `${jsonText(value)} is no whole number`;
  }
  return amount < least || amount > most
    ? `${jsonText(value)} is not between ${String(least)} and ${String(most)}`
    : undefined;
}

function durationProblem(value: Json): string | undefined {
  return typeof value === 'string' && parseDuration(value) !== undefined
    ? undefined
    : `${jsonText(value)} is no duration such as 150s`;
}

function secondsProblem(value: Json): string | undefined {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  if (duration === undefined) {
    return durationProblem(value);
  }
  return !Number.isInteger(inSeconds(duration)) || duration < 1000
    ? `${jsonText(value)} must be whole seconds, at least 1s`
    : undefined;
}

function boundProblem(value: Json): string | undefined {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  return duration !== undefined && duration < 0
    ? `${jsonText(value)} must not be negative`
    : durationProblem(value);
}
