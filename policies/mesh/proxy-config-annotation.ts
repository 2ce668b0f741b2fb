import { createAttachment } from '../core/attach.ts';
import { jsonText, isObject, type Json, type JsonObject } from '../core/json.ts';
import { inSeconds, parseDuration } from '../core/duration.ts';
import { readYaml } from '../core/yaml.ts';
import { snakeCase } from './mesh-config.ts';
import type { Workload } from './workload.ts';

/** The annotation that holds a ProxyConfig as YAML, on the pod template. */
export const proxyConfigAnnotation = 'proxy.istio.io/config';

/** What is wrong with the annotation; `line` counts from 1 within its text. */
export interface ProxyConfigProblem {
  /** `denied`: the injector refuses the Pod; `ignored`: it accepts the Pod and drops the key in silence. */
  readonly outcome: 'denied' | 'ignored';
  readonly key: string;
  readonly reason: string;
  readonly line: number;
}

/** The annotation as Istio reads it; `config` is empty where there is none or the injector denies it. */
export interface ProxyConfigReading {
  readonly config: JsonObject;
  readonly problems: readonly ProxyConfigProblem[];
}

type FieldType = 'duration' | 'seconds' | 'strings' | 'any';

const fieldTypes: Readonly<Record<string, FieldType>> = {
  configPath: 'any',
  binaryPath: 'any',
  serviceCluster: 'any',
  tracingServiceName: 'any',
  drainDuration: 'seconds',
  parentShutdownDuration: 'any',
  discoveryAddress: 'any',
  discoveryRefreshDelay: 'duration',
  zipkinAddress: 'any',
  statsdUdpAddress: 'any',
  envoyMetricsServiceAddress: 'any',
  proxyAdminPort: 'any',
  availabilityZone: 'any',
  controlPlaneAuthPolicy: 'any',
  customConfigFile: 'any',
  statNameLength: 'any',
  concurrency: 'any',
  proxyBootstrapTemplatePath: 'any',
  interceptionMode: 'any',
  tracing: 'any',
  sds: 'any',
  envoyAccessLogService: 'any',
  envoyMetricsService: 'any',
  proxyMetadata: 'strings',
  runtimeValues: 'strings',
  statusPort: 'any',
  extraStatTags: 'any',
  gatewayTopology: 'any',
  terminationDrainDuration: 'duration',
  meshId: 'any',
  readinessProbe: 'any',
  proxyStatsMatcher: 'any',
  holdApplicationUntilProxyStarts: 'any',
  caCertificatesPem: 'any',
  image: 'any',
  privateKeyProvider: 'any',
  proxyHeaders: 'any',
  fileFlushInterval: 'duration',
  fileFlushMinSizeKb: 'any',
  statsCompression: 'any',
  connectionSettings: 'any',
};
const knownKeys: ReadonlyMap<string, FieldType> = new Map(
  Object.entries(fieldTypes).flatMap(([key, type]) => [
    [key, type] as const,
    [snakeCase(key), type] as const,
  ]),
);
const nothing: ProxyConfigReading = { config: {}, problems: [] };
const readings = createAttachment<Workload, ProxyConfigReading>();

/** The names that a ProxyConfig has, in camel case. */
export const proxyConfigKeys: readonly string[] = Object.keys(fieldTypes);

/** Reads the annotation of a workload's pod template once. */
export function readProxyConfigAnnotation(workload: Workload): ProxyConfigReading {
  const text = workload.annotations[proxyConfigAnnotation];
  if (text === undefined) {
    return nothing;
  }
  let reading = readings.get(workload);
  if (reading === undefined) {
    reading = readProxyConfig(text);
    readings.set(workload, reading);
  }
  return reading;
}

/** Whether the injector refuses the Pod, so that nothing else of its proxy matters. */
export function isDenied(reading: ProxyConfigReading): boolean {
  return reading.problems.some(({ outcome }) => outcome === 'denied');
}

/** Reads ProxyConfig YAML as Istio's injector does. Source: Istio `pkg/kube/inject`, `pkg/config/mesh`, observed. */
export function readProxyConfig(text: string): ProxyConfigReading {
  const reading = readYaml(text);
  if ('problem' in reading) {
    return {
      config: {},
      problems: [{ outcome: 'denied', key: '', reason: reading.problem, line: reading.line }],
    };
  }
  if (reading.value === null) {
    return nothing;
  }
  if (!isObject(reading.value)) {
    return {
      config: {},
      problems: [{ outcome: 'denied', key: '', reason: 'it is no mapping of settings', line: 1 }],
    };
  }
  const problems = Object.entries(reading.value).flatMap(([key, value]) =>
    problemsOf(key, value, text),
  );
  return { config: isDenied({ config: {}, problems }) ? {} : reading.value, problems };
}

function problemsOf(key: string, value: Json, text: string): readonly ProxyConfigProblem[] {
  const type = knownKeys.get(key);
  if (type === undefined) {
    const reason =
      key === 'defaultConfig'
        ? 'the wrapper belongs in the mesh config, not here'
        : 'Istio knows no such setting';
    return [{ outcome: 'ignored', key, reason, line: lineOfKey(text, key) }];
  }
  if (value === null) {
    return [];
  }
  if (type === 'strings') {
    return stringsProblems(key, value, text);
  }
  const reason = type === 'any' ? undefined : durationProblem(type, value);
  return reason === undefined
    ? []
    : [{ outcome: 'denied', key, reason, line: lineOfKey(text, key) }];
}

function stringsProblems(key: string, value: Json, text: string): readonly ProxyConfigProblem[] {
  if (!isObject(value)) {
    const line = lineOfKey(text, key);
    return [{ outcome: 'denied', key, reason: 'it must be a mapping of texts', line }];
  }
  return Object.entries(value)
    .filter(([, member]) => typeof member !== 'string')
    .map(([name, member]) => ({
      outcome: 'denied' as const,
      key: `${key}.${name}`,
      reason: `${jsonText(member)} must be quoted to be a text`,
      line: lineOfKey(text, name),
    }));
}

function durationProblem(type: 'duration' | 'seconds', value: Json): string | undefined {
  const duration = typeof value === 'string' ? parseDuration(value) : undefined;
  if (duration === undefined) {
    return `${jsonText(value)} is no duration such as 150s`;
  }
  if (type === 'seconds' && (!Number.isInteger(inSeconds(duration)) || duration < 1000)) {
    return `${jsonText(value)} must be whole seconds, at least 1s`;
  }
  return undefined;
}

/** The line, from 1, on which a key stands in YAML text, in either spelling; 1 where it cannot be told. */
export function lineOfKey(text: string, key: string): number {
  const starts = [key, snakeCase(key)].flatMap((name) => [`${name}:`, `"${name}":`, `'${name}':`]);
  const index = text.split(/\r?\n/u).findIndex((line) => {
    const bare = line.replace(/^[{\-\s]+/u, '');
    return starts.some((start) => bare.startsWith(start));
  });
  return Math.max(index, 0) + 1;
}
