import type { KindName } from '../../policies/core/kinds.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';

/** A mesh that notes the kinds that are asked of it. */
export function recordingMesh(mesh: Mesh, read: Set<KindName>): Mesh {
  function note(kind: KindName): void {
    read.add(kind);
  }
  return {
    memo: (_about, _topic, compute) => compute(),
    facts: mesh.facts,
    get(kind, namespace, name) {
      note(kind);
      return mesh.get(kind, namespace, name);
    },
    inNamespace(kind, namespace) {
      note(kind);
      return mesh.inNamespace(kind, namespace);
    },
    namespacesWith(kind) {
      note(kind);
      return mesh.namespacesWith(kind);
    },
    count(kind) {
      note(kind);
      return mesh.count(kind);
    },
    byKey(kind, key) {
      note(kind);
      return mesh.byKey(kind, key);
    },
  };
}
