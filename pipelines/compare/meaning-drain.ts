import { formatDuration, type Milliseconds } from '../../policies/core/duration.ts';
import { describeReference, type ObjectReference } from '../../policies/core/resource.ts';
import { judgedTtls, longestTtl } from '../../policies/mesh/drain-need.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';
import { hasSidecar, proxyModeOf, type ProxyMode } from '../../policies/mesh/proxy-mode.ts';
import { classicWay, servingTime, shutdownOf } from '../../policies/mesh/shutdown.ts';
import { type Workload } from '../../policies/mesh/workload.ts';
import {
  counted,
  listed,
  sorted,
  type Effect,
  type MeshChange,
  type Statement,
} from './meaning-statement.ts';
import { workloadPairs, type WorkloadPair } from './meaning-workload-pairs.ts';

/** A difference that several workloads may share. */
interface Difference {
  readonly effect: Effect;
  readonly topic: 'drain' | 'workloads';
  /** With `{workloads}` for their names. */
  readonly template: string;
}

interface Shared {
  readonly difference: Difference;
  readonly names: readonly string[];
  readonly causes: readonly ObjectReference[];
}

/** How long Pods serve after their deletion and connections live, where that changes; and who leaves or enters the mesh. */
export function explainDrain(change: MeshChange): readonly Statement[] {
  const found = new Map<string, Shared>();
  const { judged, left } = workloadPairs(change);
  for (const pair of judged) {
    for (const difference of differencesOf(pair, change)) {
      const { names, causes } = found.get(difference.template) ?? { names: [], causes: [] };
      found.set(difference.template, {
        difference,
        names: [...names, describeReference(pair.after.resource)],
        causes: [...causes, ...pair.causes],
      });
    }
  }
  const statements = [...found.values()].map(({ difference, names, causes }) => ({
    topic: difference.topic,
    effect: difference.effect,
    text: difference.template.replace('{workloads}', () => listed(sorted(names))),
    objects: causes,
  }));
  return left === 0
    ? statements
    : [
        ...statements,
        {
          topic: 'drain',
          effect: 'unsure',
          text: `Drain and TTL of ${counted(left, 'more workload')} were not compared.`,
          objects: [],
        },
      ];
}

function differencesOf(pair: WorkloadPair, change: MeshChange): readonly Difference[] {
  const was = proxyModeOf(pair.before, change.before);
  const is = proxyModeOf(pair.after, change.after);
  if (hasSidecar(was) !== hasSidecar(is)) {
    return modeDifference(was, is);
  }
  if (!hasSidecar(was)) {
    return [];
  }
  return [
    ...servingDifference(pair, change, was, is),
    ...ttlDifference(ttlOf(pair.before, change.before), ttlOf(pair.after, change.after)),
  ];
}

function modeDifference(was: ProxyMode, is: ProxyMode): readonly Difference[] {
  if (was.mode === 'unknown' || is.mode === 'unknown') {
    return [];
  }
  const template = `Proxy of {workloads} goes from ${modeName(was)} to ${modeName(is)}`;
  return hasSidecar(is) || is.mode === 'ambient'
    ? [{ topic: 'workloads', effect: 'shifted', template: `${template}.` }]
    : [
        {
          topic: 'workloads',
          effect: 'opened',
          template: `${template}: mTLS and authorization of the mesh no longer hold there.`,
        },
      ];
}

function modeName({ mode }: ProxyMode): string {
  return mode === 'classic' || mode === 'native' ? `${mode} sidecar` : mode;
}

/** Where nothing tells native sidecars from classic ones, each is said with its condition. */
function servingDifference(
  { before, after }: WorkloadPair,
  change: MeshChange,
  was: ProxyMode,
  is: ProxyMode,
): readonly Difference[] {
  const old = shutdownOf(before, was, change.before, false);
  const now = shutdownOf(after, is, change.after, false);
  const asIs = servingShift(
    servingTime(old),
    servingTime(now),
    is.nativeAssumed ? ' with native sidecars' : '',
  );
  if (!(was.nativeAssumed && is.nativeAssumed)) {
    return asIs;
  }
  const classic = servingShift(
    servingTime({ ...old, way: classicWay(old.settings) }),
    servingTime({ ...now, way: classicWay(now.settings) }),
    ' with classic sidecars',
  );
  return [...asIs, ...classic];
}

function servingShift(
  was: Milliseconds,
  is: Milliseconds,
  condition: string,
): readonly Difference[] {
  return was === is
    ? []
    : [
        {
          topic: 'drain',
          effect: is < was ? 'opened' : 'closed',
          template: `Serving time after deletion${condition} goes from ${formatDuration(was)} to ${formatDuration(is)} for {workloads}.`,
        },
      ];
}

function ttlDifference(
  was: Milliseconds | undefined,
  is: Milliseconds | undefined,
): readonly Difference[] {
  if (was === is) {
    return [];
  }
  const longer = is === undefined || (was !== undefined && is > was);
  return [
    {
      topic: 'drain',
      effect: longer ? 'opened' : 'closed',
      template: `Longest connection TTL goes from ${ttlText(was)} to ${ttlText(is)} for {workloads}.`,
    },
  ];
}

function ttlOf(workload: Workload, mesh: Mesh): Milliseconds | undefined {
  return longestTtl(workload, judgedTtls(workload, mesh), { jitter: 0 }, mesh)?.ttl;
}

function ttlText(ttl: Milliseconds | undefined): string {
  return ttl === undefined ? 'none' : formatDuration(ttl);
}
