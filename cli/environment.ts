import { isAbsolute, join } from 'node:path';
import type { TracingEnvironment } from '../webhooks/tracing/settings.ts';

/** What the command reads from the environment. */
export interface CliEnvironment {
  /** Set to anything but nothing: no colour. Source: no-color.org. */
  readonly noColour: boolean;
  /** Where programs are looked for, as in `PATH`. */
  readonly programPath: string;
  /** The user's home folder; '' where there is none. */
  readonly home: string;
  /** Where renders are remembered; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
  /** Name of the Pod that this runs in; '' where nothing says it. */
  readonly podName: string;
  /** As kubectl takes it; '' where it is not set. */
  readonly kubeconfig: string;
  readonly gitHub: GitHubEnvironment;
  readonly tracing: TracingEnvironment;
  /** Where changes of drift are told; '' is nowhere. */
  readonly notify: { readonly topic: string; readonly webhook: string };
}

/** What the environment says of GitHub; '' where it says nothing. */
export interface GitHubEnvironment {
  /** Of the REST API, as GitHub Actions sets it. */
  readonly url: string;
  readonly token: string;
  readonly appId: string;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** The secret before, while it is replaced. */
  readonly previousWebhookSecret: string;
}

/** Reads the environment; the only place of the command that does. */
export function readEnvironment(): CliEnvironment {
  const {
    NO_COLOR: noColour = '',
    TERM: terminal = '',
    PATH = '',
    HOME = '',
    POD_NAME: podName = '',
    KUBECONFIG: kubeconfig = '',
  } = process.env;
  return {
    noColour: noColour !== '' || terminal === 'dumb',
    programPath: PATH,
    home: HOME,
    cacheFolder: cacheFolder(HOME),
    podName,
    kubeconfig,
    gitHub: readGitHubEnvironment(),
    tracing: readTracingEnvironment(),
    notify: {
      topic: process.env['MESHGATE_DRIFT_TOPIC'] ?? '',
      webhook: process.env['MESHGATE_DRIFT_WEBHOOK'] ?? '',
    },
  };
}

/** Source: the XDG Base Directory Specification, which has relative paths ignored. */
function cacheFolder(home: string): string | undefined {
  const { MESHGATE_CACHE: own = '', XDG_CACHE_HOME: shared = '' } = process.env;
  if (own !== '') {
    return own === 'off' ? undefined : own;
  }
  if (isAbsolute(shared)) {
    return join(shared, 'meshgate', 'renders');
  }
  return isAbsolute(home) ? join(home, '.cache', 'meshgate', 'renders') : undefined;
}

function readTracingEnvironment(): TracingEnvironment {
  const {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint = '',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracesEndpoint = '',
    OTEL_EXPORTER_OTLP_HEADERS: headers = '',
    OTEL_SERVICE_NAME: serviceName = '',
    OTEL_RESOURCE_ATTRIBUTES: resourceAttributes = '',
    OTEL_SDK_DISABLED: disabled = '',
  } = process.env;
  return disabled === 'true'
    ? { endpoint: '', tracesEndpoint: '', headers: '', serviceName, resourceAttributes }
    : { endpoint, tracesEndpoint, headers, serviceName, resourceAttributes };
}

function readGitHubEnvironment(): GitHubEnvironment {
  const {
    GITHUB_API_URL: url = '',
    GITHUB_TOKEN: token = '',
    MESHGATE_APP_ID: appId = '',
    MESHGATE_APP_PRIVATE_KEY: privateKey = '',
    MESHGATE_WEBHOOK_SECRET: webhookSecret = '',
    MESHGATE_WEBHOOK_SECRET_PREVIOUS: previousWebhookSecret = '',
  } = process.env;
  return {
    url,
    token,
    appId,
    // A variable on one line holds the line ends as text.
    privateKey: privateKey.replaceAll(String.raw`\n`, '\n'),
    webhookSecret,
    previousWebhookSecret,
  };
}
