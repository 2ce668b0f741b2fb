import {
  isObject,
  stringIn,
  stringMapIn,
  valueIn,
  listIn,
  type Json,
  type JsonObject,
} from '../core/json.ts';
import { milliseconds, parseDuration, seconds, type Milliseconds } from '../core/duration.ts';
import { compareAge, type Resource } from '../core/resource.ts';
import { matchesLabels } from './labels.ts';
import { meshConfig, protoMember, meshWideNamespace } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';
import { readProxyConfig, readProxyConfigAnnotation } from './proxy-config-annotation.ts';
import { injectedProxyOf, proxyContainerOf, type Workload } from './workload.ts';

/** Where a setting of a workload's proxy comes from. */
export type SettingSource =
  | 'default'
  | 'mesh'
  | 'resource'
  | 'annotation'
  | 'container'
  /** What the injector has put into a Pod, wherever it had it from. */
  | 'injected';

/** A value with the place that decided it; `resource` is the ProxyConfig where one did. */
export interface Sourced<Value> {
  readonly value: Value;
  readonly source: SettingSource;
  readonly resource?: Resource;
}

/** The settings of a workload's proxy that govern how it ends. */
export interface ProxySettings {
  readonly terminationDrainDuration: Sourced<Milliseconds>;
  readonly httpMaxConnectionDuration: Sourced<Milliseconds> | undefined;
  /** The environment: `proxyMetadata`, ProxyConfig resources and the declared container, merged by precedence. */
  readonly environment: Readonly<Record<string, Sourced<string>>>;
  /** EXIT_ON_ZERO_ACTIVE_CONNECTIONS as the agent reads it. */
  readonly exitOnZero: boolean;
  /** MINIMUM_DRAIN_DURATION as the agent reads it. */
  readonly minimumDrain: Milliseconds;
}

/** Ends the proxy when no connection is open, instead of after terminationDrainDuration. */
export const exitOnZeroVariable = 'EXIT_ON_ZERO_ACTIVE_CONNECTIONS';
/** The least time that the proxy waits before it looks for open connections. */
export const minimumDrainVariable = 'MINIMUM_DRAIN_DURATION';

/** The ProxyConfig that the injector hands to the agent. */
const proxyConfigVariable = 'PROXY_CONFIG';

type Layer = readonly [JsonObject, SettingSource];

const defaultTerminationDrain = seconds(5);
const defaultMinimumDrain = seconds(5);

/**
 * The effective settings of a workload's proxy, low to high: Istio's defaults, mesh `defaultConfig`, ProxyConfig
 * without selector in the root namespace, then in the workload's, the annotation, ProxyConfig with a matching
 * selector, the declared `istio-proxy` container. PROXY_CONFIG in that container stands for the mesh config, and of
 * an injected Pod the environment is what it is. Source: Istio `pilot/pkg/model/proxy_config.go`,
 * `pilot/cmd/pilot-agent/config/config.go`.
 */
export function proxySettingsOf(workload: Workload, mesh: Mesh): ProxySettings {
  return mesh.memo(workload, 'proxySettings', () => readProxySettings(workload, mesh));
}

function readProxySettings(workload: Workload, mesh: Mesh): ProxySettings {
  const own = containerEnvironment(workload);
  const annotation = readProxyConfigAnnotation(workload).config;
  const inContainer = own[proxyConfigVariable];
  const injected = inContainer !== undefined && injectedProxyOf(workload) !== undefined;
  const durations: readonly Layer[] = [
    [annotation, 'annotation'],
    inContainer === undefined
      ? [meshDefaults(mesh), 'mesh']
      : [readProxyConfig(inContainer).config, injected ? 'injected' : 'container'],
  ];
  const environment = injected
    ? fixedEnvironment(annotation, own)
    : mergedEnvironment(workload, annotation, own, mesh);
  const httpMaximum = firstDuration(durations, ['connectionSettings', 'httpMaxConnectionDuration']);
  return {
    terminationDrainDuration: firstDuration(durations, ['terminationDrainDuration']) ?? {
      value: defaultTerminationDrain,
      source: 'default',
    },
    httpMaxConnectionDuration:
      httpMaximum === undefined || httpMaximum.value <= 0 ? undefined : httpMaximum,
    environment,
    exitOnZero: readsAsTrue(environment[exitOnZeroVariable]?.value),
    minimumDrain: readMinimumDrain(environment[minimumDrainVariable]?.value),
  };
}

function meshDefaults(mesh: Mesh): JsonObject {
  const defaults = protoMember(meshConfig(mesh), 'defaultConfig');
  return isObject(defaults) ? defaults : {};
}

/** The environment of an injected Pod: nothing that is written later gets into it. */
function fixedEnvironment(
  annotation: JsonObject,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, Sourced<string>>> {
  const declared = stringMapIn(protoMember(annotation, 'proxyMetadata'));
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name,
      { value, source: declared[name] === value ? 'annotation' : 'injected' },
    ]),
  );
}

/** The environment that injection makes. */
function mergedEnvironment(
  workload: Workload,
  annotation: JsonObject,
  own: Readonly<Record<string, string>>,
  mesh: Mesh,
): Readonly<Record<string, Sourced<string>>> {
  const environment: Record<string, Sourced<string>> = {};
  const merge = (
    variables: Readonly<Record<string, string>>,
    source: SettingSource,
    resource?: Resource,
  ): void => {
    for (const [name, value] of Object.entries(variables)) {
      environment[name] = { value, source, ...(resource === undefined ? {} : { resource }) };
    }
  };
  const [rootRule, namespaceRule, selectedRule] = proxyConfigsOf(workload, mesh);
  merge(stringMapIn(protoMember(meshDefaults(mesh), 'proxyMetadata')), 'mesh');
  merge(stringMapIn(rootRule?.object, 'spec', 'environmentVariables'), 'resource', rootRule);
  merge(
    stringMapIn(namespaceRule?.object, 'spec', 'environmentVariables'),
    'resource',
    namespaceRule,
  );
  merge(stringMapIn(protoMember(annotation, 'proxyMetadata')), 'annotation');
  merge(
    stringMapIn(selectedRule?.object, 'spec', 'environmentVariables'),
    'resource',
    selectedRule,
  );
  merge(own, 'container');
  return environment;
}

/** Whether Go's `strconv.ParseBool` reads a text as true; the agent takes everything else for false. */
export function readsAsTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
}

function readMinimumDrain(text: string | undefined): Milliseconds {
  return (text === undefined ? undefined : parseDuration(text)) ?? defaultMinimumDrain;
}

function firstDuration(
  layers: readonly Layer[],
  path: readonly string[],
): Sourced<Milliseconds> | undefined {
  for (const [layer, source] of layers) {
    let value: Json | undefined = layer;
    for (const name of path) {
      value = protoMember(value, name);
    }
    const duration = typeof value === 'string' ? parseDuration(value) : undefined;
    if (duration !== undefined) {
      return { value: milliseconds(duration), source };
    }
  }
  return undefined;
}

function proxyConfigsOf(workload: Workload, mesh: Mesh): readonly (Resource | undefined)[] {
  const root = meshWideNamespace(mesh);
  const oldest = (
    namespace: string,
    wanted: (resource: Resource) => boolean,
  ): Resource | undefined => {
    const all = mesh.inNamespace('ProxyConfig', namespace);
    return all.size === 0 ? undefined : [...all].filter(wanted).sort(compareAge)[0];
  };
  const plain = (resource: Resource): boolean =>
    (valueIn(resource.object, 'spec', 'selector') ?? null) === null;
  // A selector without labels selects nothing, and its resource is not for the whole namespace either.
  const selecting = (resource: Resource): boolean => {
    const labels = stringMapIn(resource.object, 'spec', 'selector', 'matchLabels');
    return Object.keys(labels).length > 0 && matchesLabels(labels, workload.labels);
  };
  const own = workload.namespace;
  return [
    oldest(root, plain),
    own === root ? undefined : oldest(own, plain),
    oldest(own, selecting),
  ];
}

function containerEnvironment(workload: Workload): Readonly<Record<string, string>> {
  const variables = listIn(proxyContainerOf(workload)?.container, 'env').flatMap((variable) => {
    const name = stringIn(variable, 'name');
    const value = stringIn(variable, 'value');
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(variables);
}
