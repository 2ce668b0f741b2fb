import { listIn, numberIn, valueIn, type Json } from '../core/json.ts';
import { milliseconds, parseDuration, seconds, type Milliseconds } from '../core/duration.ts';
import { proxySettingsOf, type ProxySettings } from './proxy-config.ts';
import { hasCustomLifecycle, type ProxyMode } from './proxy-mode.ts';
import type { Mesh } from './mesh.ts';
import { appContainersOf, proxyContainerOf, type Workload } from './workload.ts';

/** What Kubernetes gives a Pod that declares no grace period. */
const defaultGrace = seconds(30);

/** How a workload's Pods end, as far as the manifest tells. */
export interface Shutdown {
  /** Which of the agent's three ways applies. */
  readonly way: 'classic' | 'exit-on-zero' | 'native';
  readonly grace: Milliseconds;
  /** The grace period as written; undefined where nobody declared it. */
  readonly declaredGrace: Milliseconds | undefined;
  /** The longest known preStop time of the application's containers. */
  readonly appPreStop: Milliseconds;
  /** The known preStop time of the proxy's own container. */
  readonly proxyPreStop: Milliseconds;
  /** The proxy's preStop hook is not Istio's, so that in native mode nothing drains before SIGTERM. */
  readonly ownHook: boolean;
  readonly settings: ProxySettings;
}

/** How a connection's life and its clients decide the time that a Pod must go on serving. */
export interface ServingNeed {
  readonly ttl: Milliseconds;
  /** Share of the TTL by which it may be longer. */
  readonly jitter: number;
  /** Time until the slowest client has dropped the endpoint. */
  readonly propagation: Milliseconds;
}

/** Reads how a workload ends. `defaulted`: a grace period equal to Kubernetes' default may not have been declared. */
export function shutdownOf(
  workload: Workload,
  proxy: ProxyMode,
  mesh: Mesh,
  defaulted: boolean,
): Shutdown {
  const written = numberIn(workload.spec, 'terminationGracePeriodSeconds');
  const declared =
    written === undefined || (defaulted && seconds(written) === defaultGrace) ? undefined : written;
  const settings = proxySettingsOf(workload, mesh);
  const hook = valueIn(proxyContainerOf(workload)?.container, 'lifecycle', 'preStop');
  return {
    way: proxy.mode === 'native' ? 'native' : classicWay(settings),
    grace: written === undefined ? defaultGrace : seconds(written),
    declaredGrace: declared === undefined ? undefined : seconds(declared),
    appPreStop: longest(appContainersOf(workload).map(({ container }) => preStopTime(container))),
    proxyPreStop: preStopTime(proxyContainerOf(workload)?.container),
    ownHook: (hook !== undefined && !isInjectedHook(hook)) || hasCustomLifecycle(mesh),
    settings,
  };
}

/** The way of a proxy among the containers. */
export function classicWay(settings: ProxySettings): 'classic' | 'exit-on-zero' {
  return settings.exitOnZero ? 'exit-on-zero' : 'classic';
}

/** R = max(k·L, L·(1+j) + S): how long a Pod must serve after its deletion, for a ratio k. */
export function requiredServing(need: ServingNeed, ratio: number): Milliseconds {
  return milliseconds(Math.max(ratio * need.ttl, need.ttl * (1 + need.jitter) + need.propagation));
}

/** How long the Pod's proxy serves after the deletion, at most: what the drain formulas of each way bound. */
export function servingTime(shutdown: Shutdown): Milliseconds {
  return shutdown.way === 'classic'
    ? milliseconds(Math.min(classicWindow(shutdown), shutdown.grace))
    : shutdown.grace;
}

/** In classic mode: the proxy's preStop time and its drain together. */
export function classicWindow(shutdown: Shutdown): Milliseconds {
  return milliseconds(
    shutdown.proxyPreStop + Math.max(shutdown.settings.terminationDrainDuration.value, 0),
  );
}

/** The time that the proxy takes of the grace period at least, before anything else can end it. */
export function proxyMinimum(shutdown: Shutdown): Milliseconds {
  if (shutdown.way === 'classic') {
    return classicWindow(shutdown);
  }
  const agentStart = seconds(1);
  return milliseconds(
    shutdown.way === 'native'
      ? 0
      : shutdown.proxyPreStop + shutdown.settings.minimumDrain + agentStart,
  );
}

/** The seconds that a container's preStop hook is known to take: a `sleep` action, or `sleep N` in a command. */
export function preStopTime(container: Json | undefined): Milliseconds {
  const hook = valueIn(container, 'lifecycle', 'preStop');
  if (hook === undefined) {
    return milliseconds(0);
  }
  const action = numberIn(hook, 'sleep', 'seconds');
  if (action !== undefined) {
    return seconds(action);
  }
  const words = listIn(hook, 'exec', 'command').map(String);
  // By itself, or started by another program as in `busybox sleep 60`; else within a shell's text.
  const own = words.findIndex((word) => /(?:^|\/)sleep$/u.test(word));
  const text =
    own >= 0 ? words.slice(own).join(' ') : (words.find((word) => word.includes('sleep ')) ?? '');
  let total = 0;
  for (const [, amount = '', unit = 's'] of text.matchAll(
    /\bsleep\s+(\d+(?:\.\d+)?)([smh]?)(?![\w.])/gu,
  )) {
    total += parseDuration(`${amount}${unit === '' ? 's' : unit}`) ?? 0;
  }
  return milliseconds(total);
}

function isInjectedHook(hook: Json): boolean {
  const words = listIn(hook, 'exec', 'command');
  return words[0] === 'pilot-agent' && words.includes('drain');
}

function longest(durations: readonly Milliseconds[]): Milliseconds {
  return milliseconds(Math.max(0, ...durations));
}
