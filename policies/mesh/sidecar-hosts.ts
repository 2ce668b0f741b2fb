import { listIn, type Json } from '../core/json.ts';
import { hostMatches } from './hosts.ts';
import { clusterDomain } from './mesh-config.ts';
import type { Mesh } from './mesh.ts';

/** One entry of an egress listener's `hosts`: `namespace/dnsName`, or an exclusion `~namespace/dnsName`. */
export interface HostEntry {
  readonly written: string;
  readonly index: number;
  readonly excludes: boolean;
  readonly namespace: string;
  readonly dnsName: string;
}

/** What the entries of one listener come to. */
export type ListenerReach = 'everything' | 'nothing by accident' | 'some';

const noHost = '~/*';

/** The entries of a listener that have the form that Istio wants. */
export function hostEntries(listener: Json): readonly HostEntry[] {
  return listIn(listener, 'hosts').flatMap((written, index) => {
    const slash = typeof written === 'string' ? written.indexOf('/') : -1;
    if (typeof written !== 'string' || slash <= 0) {
      return [];
    }
    const excludes = written.startsWith('~') && slash > 1;
    return [
      {
        written,
        index,
        excludes,
        namespace: written.slice(excludes ? 1 : 0, slash),
        dnsName: written.slice(slash + 1).toLowerCase(),
      },
    ];
  });
}

/**
 * Whether a listener imports everything, or nothing though it names hosts. `~/*` empties a listener whatever stands
 * beside it, and exclusions import nothing; excluding single hosts leaves a wide import wide. Observed with Istio 1.31.
 */
export function listenerReach(listener: Json, mesh: Mesh): ListenerReach {
  const entries = hostEntries(listener);
  const wanted = entries.filter(({ excludes, written }) => !excludes && written !== noHost);
  const none = entries.some(({ written }) => written === noHost);
  const excluded = entries.filter(({ excludes }) => excludes);
  const all = excluded.some(({ namespace, dnsName }) => namespace === '*' && dnsName === '*');
  if (wanted.length > 0 && (none || all)) {
    return 'nothing by accident';
  }
  if (wanted.length === 0) {
    return none || entries.length === 0 ? 'some' : 'nothing by accident';
  }
  const everyService = `*.svc.${clusterDomain(mesh)}`;
  const wide = wanted.some(
    ({ namespace, dnsName }) => namespace === '*' && hostMatches(dnsName, everyService),
  );
  const narrowed = excluded.some(({ namespace, dnsName }) => namespace !== '*' && dnsName === '*');
  return wide && !narrowed ? 'everything' : 'some';
}
