import { formatDuration } from '../../../policies/core/duration.ts';
import { describeReference } from '../../../policies/core/resource.ts';
import { clientViews } from '../../../policies/mesh/clients.ts';
import { connectionTtls } from '../../../policies/mesh/connection-ttl.ts';
import { hostOf } from '../../../policies/mesh/services.ts';
import { workloadOf } from '../../../policies/mesh/workload.ts';
import { addressesOf, waysOut, xdsOf } from '../../support/oracle.ts';
import { readMesh } from '../../support/examples.ts';

/** What bounds connections to one port: a duration, `unbounded`, or nothing where no way leads there. */
export type SeenTtl = string | undefined;

/** A workload's Pod, and the Service and port that clients dial. */
export interface Target {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  /** What carries its connections; of a port without a declared protocol, the raw part. */
  readonly protocol: 'tcp' | 'http';
  readonly podAddress: string;
}

/** The longest life that the real Istio gives a client's connections to a target. */
export async function istioTtls(
  program: string,
  client: string,
  yaml: string,
  targets: readonly Target[],
): Promise<readonly SeenTtl[]> {
  const xds = await xdsOf(program, client, yaml);
  const ways = waysOut(xds);
  return targets.map(({ namespace, name, port, protocol, podAddress }) => {
    const host = `${name}.${namespace}.svc.cluster.local`;
    const taken = ways.filter((way) => {
      const [direction, number, , to] = way.cluster.split('|');
      const leads = direction === 'outbound' && number === String(port) && to === host;
      return (
        leads && way.protocol === protocol && addressesOf(xds, way.cluster).includes(podAddress)
      );
    });
    return longest(taken.map(({ ttl }) => ttl));
  });
}

/** What our reading of the same manifests says. */
export function ourTtls(
  client: string,
  yaml: string,
  targets: readonly Target[],
): readonly SeenTtl[] {
  const { mesh, find } = readMesh(yaml);
  const [clientNamespace = ''] = client.split('/');
  return targets.map(({ namespace, name, port }) => {
    const service = find(describeReference({ kind: 'Service', namespace, name }));
    const workload = workloadOf(find(describeReference({ kind: 'Pod', namespace, name })));
    const views = clientViews(hostOf(service, mesh), service, mesh);
    const view =
      views.find((candidate) => candidate.namespace === clientNamespace) ??
      views.find((candidate) => candidate.namespace === undefined) ??
      views[0];
    const ttls = workload === undefined ? [] : connectionTtls(workload, mesh);
    const seen = ttls.find(
      (ttl) => ttl.service === service && ttl.port === port && ttl.clients === view?.description,
    );
    if (seen === undefined) {
      return undefined;
    }
    return seen.ttl === undefined ? 'unbounded' : formatDuration(seen.ttl);
  });
}

function longest(ttls: readonly (string | undefined)[]): SeenTtl {
  if (ttls.length === 0) {
    return undefined;
  }
  if (ttls.includes(undefined)) {
    return 'unbounded';
  }
  return ttls
    .toSorted((left, right) => Number.parseFloat(left ?? '') - Number.parseFloat(right ?? ''))
    .at(-1);
}
