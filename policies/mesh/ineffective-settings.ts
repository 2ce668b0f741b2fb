import { formatDuration, parseDuration } from '../core/duration.ts';
import { stringMapIn } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Report } from '../core/policy.ts';
import type { Resource } from '../core/resource.ts';
import { declaredTtl, ttlAnnotation } from './connection-ttl.ts';
import type { Mesh } from './mesh.ts';
import {
  proxyConfigAnnotation,
  readProxyConfigAnnotation,
  isDenied,
  lineOfKey,
  type ProxyConfigProblem,
} from './proxy-config-annotation.ts';
import {
  exitOnZeroVariable,
  minimumDrainVariable,
  readsAsTrue,
  type Sourced,
} from './proxy-config.ts';
import { hasSidecar, proxyModeOf } from './proxy-mode.ts';
import { selectedLabels, workloadsSelected } from './reach.ts';
import { shutdownOf, type Shutdown } from './shutdown.ts';
import { nearestName } from '../core/nearest.ts';
import { annotationPointer, proxyContainerOf, type Workload } from './workload.ts';

/** A setting that does not do what it says. */
export type IneffectiveSetting = Report<
  | 'annotation-on-controller'
  | 'annotation-denied'
  | 'annotation-ignored'
  | 'native-ignores'
  | 'exit-on-zero-ignores'
  | 'minimum-drain-unused'
  | 'minimum-drain-unreadable'
  | 'exit-on-zero-unreadable'
  | 'drain-not-positive'
  | 'drain-hook-port'
  | 'status-port-denied'
  | 'no-proxy'
  | 'ttl-unreadable'
  | 'port-ttl-for-tcp'
  | 'sidecar-ttl-for-tcp'
>;

const statusPortAnnotation = 'status.sidecar.istio.io/port';
const drainHookPorts: ReadonlySet<string> = new Set(['15000', '15004', '15020', '15021']);
const drainKey = 'terminationDrainDuration';

/** The settings of a workload's own manifest that have no effect on how its proxy ends. */
export function ineffectiveProxySettings(
  workload: Workload,
  mesh: Mesh,
): readonly IneffectiveSetting[] {
  const proxy = proxyModeOf(workload, mesh);
  const misplaced = misplacedAnnotation(workload);
  if (!hasSidecar(proxy)) {
    const declared =
      Object.hasOwn(workload.annotations, proxyConfigAnnotation) && proxy.mode === 'none';
    const at = annotationPointer(workload, proxyConfigAnnotation);
    return declared
      ? [...misplaced, { message: 'no-proxy', at, data: { reason: proxy.reason } }]
      : misplaced;
  }
  const reading = readProxyConfigAnnotation(workload);
  const text = workload.annotations[proxyConfigAnnotation] ?? '';
  const denied = deniedStatusPort(workload);
  const written = [
    ...reading.problems.map((problem) => annotationProblem(problem, workload)),
    ...denied,
  ];
  if (isDenied(reading) || denied.length > 0) {
    return [...misplaced, ...written];
  }
  const shutdown = shutdownOf(workload, proxy, mesh, false);
  const context: Context = { workload, shutdown, text };
  if (shutdown.way !== 'native' || shutdown.ownHook) {
    return [...misplaced, ...written, ...classicSettings(context), ...unreadableVariables(context)];
  }
  return [...misplaced, ...written, ...(proxy.nativeAssumed ? [] : nativeSettings(context))];
}

/** The TTL that a workload with a sidecar declares by what is no duration, so that nobody reads it. */
export function unreadableTtl(workload: Workload, mesh: Mesh): readonly IneffectiveSetting[] {
  const declared = ttlAnnotation(workload);
  return declared === undefined ||
    declaredTtl(workload) !== undefined ||
    !hasSidecar(proxyModeOf(workload, mesh))
    ? []
    : [{ message: 'ttl-unreadable', at: declared.at, data: { value: declared.text } }];
}

/** The environment of a ProxyConfig that has no effect because every workload it selects has a native sidecar. */
export function ineffectiveResourceSettings(
  resource: Resource,
  mesh: Mesh,
): readonly IneffectiveSetting[] {
  const variables = stringMapIn(resource.object, 'spec', 'environmentVariables');
  const keys = [exitOnZeroVariable, minimumDrainVariable].filter((name) =>
    Object.hasOwn(variables, name),
  );
  if (keys.length === 0) {
    return [];
  }
  const labels = selectedLabels(resource, 'selector', 'matchLabels');
  const modes = workloadsSelected(resource.namespace, labels, mesh).map((workload) =>
    proxyModeOf(workload, mesh),
  );
  const sidecars = modes.filter(hasSidecar);
  const allNative =
    sidecars.length > 0 &&
    sidecars.every(({ mode, nativeAssumed }) => mode === 'native' && !nativeAssumed);
  return allNative
    ? keys.map((key) => ({
        message: 'native-ignores',
        at: pointer('spec', 'environmentVariables', key),
        data: { key },
      }))
    : [];
}

interface Context {
  readonly workload: Workload;
  readonly shutdown: Shutdown;
  readonly text: string;
}

/** What the injector refuses Pods for. Source: Istio `pkg/kube/inject/validate.go`. */
function deniedStatusPort(workload: Workload): readonly IneffectiveSetting[] {
  const port = workload.annotations[statusPortAnnotation];
  const text = port?.trim() ?? '';
  return port === undefined || (/^\d+$/u.test(text) && Number(text) <= 65_535)
    ? []
    : [
        {
          message: 'status-port-denied',
          severity: 'error',
          at: annotationPointer(workload, statusPortAnnotation),
          data: { port },
        },
      ];
}

function misplacedAnnotation(workload: Workload): readonly IneffectiveSetting[] {
  const { resource } = workload;
  const text = resource.annotations[proxyConfigAnnotation];
  if (resource.type === 'Pod' || text === undefined) {
    return [];
  }
  const at = pointer('metadata', 'annotations', proxyConfigAnnotation);
  const taken = Object.hasOwn(workload.annotations, proxyConfigAnnotation);
  const target = annotationPointer(workload, proxyConfigAnnotation);
  const fix = {
    kind: 'replacement',
    changes: [
      { at: target, value: text },
      { at, remove: true },
    ],
    filled: [],
  } as const;
  return [
    {
      message: 'annotation-on-controller',
      at,
      data: { kind: resource.kind },
      ...(taken ? {} : { fix }),
    },
  ];
}

function annotationProblem(problem: ProxyConfigProblem, workload: Workload): IneffectiveSetting {
  const at = annotationPointer(workload, proxyConfigAnnotation);
  const { key, reason, line } = problem;
  if (problem.outcome === 'denied') {
    const data = { key: key === '' ? '' : `${key}: `, reason, line };
    return { message: 'annotation-denied', severity: 'error', at, data };
  }
  const name = key.slice(key.lastIndexOf('.') + 1);
  const nearest = key === 'defaultConfig' ? undefined : nearestName(name, problem.names ?? []);
  const advice = adviceFor(key, nearest);
  return { message: 'annotation-ignored', at, data: { key, reason, line, advice } };
}

function adviceFor(key: string, nearest: string | undefined): string {
  if (key === 'defaultConfig') {
    return 'Write its settings at the top level of the annotation.';
  }
  return nearest === undefined ? 'Remove it.' : `Write ${nearest}, if that is what is meant.`;
}

function nativeSettings({ workload, shutdown, text }: Context): readonly IneffectiveSetting[] {
  const { terminationDrainDuration, environment } = shutdown.settings;
  const found: IneffectiveSetting[] = [];
  if (terminationDrainDuration.source === 'annotation') {
    found.push(inAnnotation('native-ignores', workload, text, { key: drainKey }));
  }
  for (const key of [exitOnZeroVariable, minimumDrainVariable]) {
    const variable = environment[key];
    if (isOwn(variable)) {
      found.push(atVariable('native-ignores', workload, text, variable, { key }));
    }
  }
  const port = workload.annotations[statusPortAnnotation];
  if (port !== undefined && !drainHookPorts.has(port.trim())) {
    const at = annotationPointer(workload, statusPortAnnotation);
    found.push({ message: 'drain-hook-port', severity: 'error', at, data: { port } });
  }
  return found;
}

function classicSettings({ workload, shutdown, text }: Context): readonly IneffectiveSetting[] {
  const { terminationDrainDuration, exitOnZero, minimumDrain, environment } = shutdown.settings;
  const drain = formatDuration(terminationDrainDuration.value);
  const declared = terminationDrainDuration.source === 'annotation';
  if (exitOnZero) {
    const data = { key: drainKey, drain, minimumDrain: formatDuration(minimumDrain) };
    return declared ? [inAnnotation('exit-on-zero-ignores', workload, text, data)] : [];
  }
  const found: IneffectiveSetting[] = [];
  if (declared && terminationDrainDuration.value <= 0) {
    found.push({
      ...inAnnotation('drain-not-positive', workload, text, { key: drainKey, drain }),
      severity: 'error',
    });
  }
  const minimum = environment[minimumDrainVariable];
  if (isOwn(minimum)) {
    found.push(
      atVariable('minimum-drain-unused', workload, text, minimum, {
        key: minimumDrainVariable,
        drain,
      }),
    );
  }
  return found;
}

function unreadableVariables({ workload, shutdown, text }: Context): readonly IneffectiveSetting[] {
  const { environment, exitOnZero, terminationDrainDuration } = shutdown.settings;
  const found: IneffectiveSetting[] = [];
  const flag = environment[exitOnZeroVariable];
  const falseWords = ['0', 'f', 'F', 'FALSE', 'false', 'False', ''];
  if (isOwn(flag) && !readsAsTrue(flag.value) && !falseWords.includes(flag.value)) {
    const data = {
      key: exitOnZeroVariable,
      value: flag.value,
      drain: formatDuration(terminationDrainDuration.value),
    };
    found.push(atVariable('exit-on-zero-unreadable', workload, text, flag, data));
  }
  const minimum = environment[minimumDrainVariable];
  if (isOwn(minimum) && exitOnZero && parseDuration(minimum.value) === undefined) {
    const data = { key: minimumDrainVariable, value: minimum.value };
    found.push(atVariable('minimum-drain-unreadable', workload, text, minimum, data));
  }
  return found;
}

/** A variable of a ProxyConfig or of the mesh is judged where it stands, not on each workload. */
function isOwn(variable: Sourced<string> | undefined): variable is Sourced<string> {
  return variable?.source === 'annotation' || variable?.source === 'container';
}

function inAnnotation(
  message: IneffectiveSetting['message'],
  workload: Workload,
  text: string,
  data: { readonly key: string } & Readonly<Record<string, string>>,
): IneffectiveSetting {
  const line = lineOfKey(text, data.key);
  return {
    message,
    at: annotationPointer(workload, proxyConfigAnnotation),
    data: { ...data, line },
  };
}

function atVariable(
  message: IneffectiveSetting['message'],
  workload: Workload,
  text: string,
  variable: Sourced<string>,
  data: { readonly key: string } & Readonly<Record<string, string>>,
): IneffectiveSetting {
  if (variable.source === 'annotation') {
    return {
      message,
      at: annotationPointer(workload, proxyConfigAnnotation),
      data: { ...data, line: lineOfKey(text, data.key) },
    };
  }
  return { message, at: containerEnvironment(workload), data };
}

function containerEnvironment(workload: Workload): Pointer {
  const container = proxyContainerOf(workload);
  return container === undefined ? workload.template : extendPointer(container.at, 'env');
}
