import { listIn, stringIn, stringMapIn } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { matchesLabels } from './labels.ts';
import type { Mesh } from './mesh.ts';
import { networkLabel } from './topology-keys.ts';

/** An endpoint that no Pod is: of a WorkloadEntry, or inline in a ServiceEntry. */
export interface DeclaredEndpoint {
  /** The object that declares it, and where. */
  readonly resource: Resource;
  readonly at: Pointer;
  readonly address: string;
  /** Its own field alone counts: labels for the network do not. '' where it has none. */
  readonly network: string;
  /** The network that a label names in vain. */
  readonly labelled: string | undefined;
  /** Clients send it Istio's TLS: by its label, without that by its service account. */
  readonly istioTls: boolean;
}

/** The endpoint of a WorkloadEntry. */
export function entryEndpoint(entry: Resource): DeclaredEndpoint {
  return readEndpoint(entry, pointer('spec'), entry.object['spec']);
}

/** The endpoints of a ServiceEntry: its own, else those that it selects. Costs O(WorkloadEntries of the namespace). */
export function endpointsOfEntry(entry: Resource, mesh: Mesh): readonly DeclaredEndpoint[] {
  const inline = listIn(entry.object, 'spec', 'endpoints').map((endpoint, index) =>
    readEndpoint(entry, extendPointer(pointer('spec', 'endpoints'), index), endpoint),
  );
  const selector = stringMapIn(entry.object, 'spec', 'workloadSelector', 'labels');
  if (inline.length > 0 || Object.keys(selector).length === 0) {
    return inline;
  }
  return [...mesh.inNamespace('WorkloadEntry', entry.namespace)]
    .filter((candidate) => matchesLabels(selector, labelsOf(candidate)))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(entryEndpoint);
}

/** Whether Envoy resolves the addresses of an entry's endpoints, so that no gateway can stand in for them. */
export function resolvesByDns(entry: Resource): boolean {
  return (stringIn(entry.object, 'spec', 'resolution') ?? '').startsWith('DNS');
}

/** Whether clients take an entry's endpoints for outside the mesh, and send them plaintext. */
export function isExternal(entry: Resource): boolean {
  return (stringIn(entry.object, 'spec', 'location') ?? 'MESH_EXTERNAL') !== 'MESH_INTERNAL';
}

/** The labels by which a WorkloadEntry is selected. */
function labelsOf(entry: Resource): Readonly<Record<string, string>> {
  return { ...entry.labels, ...stringMapIn(entry.object, 'spec', 'labels') };
}

function readEndpoint(resource: Resource, at: Pointer, value: unknown): DeclaredEndpoint {
  const labels =
    resource.type === 'WorkloadEntry' ? labelsOf(resource) : stringMapIn(value, 'labels');
  const tlsMode = labels['security.istio.io/tlsMode'];
  const account = stringIn(value, 'serviceAccount') ?? '';
  return {
    resource,
    at,
    address: stringIn(value, 'address') ?? '',
    network: stringIn(value, 'network') ?? '',
    labelled: labels[networkLabel],
    istioTls: tlsMode === undefined ? account !== '' : tlsMode === 'istio',
  };
}
