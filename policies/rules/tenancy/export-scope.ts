import * as z from 'zod';
import { pointer, type Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import type { Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import {
  declaredExports,
  exportGroup,
  exportsOf,
  exportsRefusal,
  namespacesExportedTo,
} from '../../mesh/exports.ts';
import { meshWideNamespace } from '../../mesh/mesh-config.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { exportScopeExamples } from './export-scope.examples.ts';

const kinds = ['Service', 'ServiceEntry', 'VirtualService', 'DestinationRule'] as const;
const params = z.object({
  notToEveryone: z
    .array(z.enum(kinds))
    .default([])
    .describe(
      'Kinds whose objects may not be exported to every namespace, neither by themselves nor by the default of the mesh.',
    ),
  sharedNamespaces: z
    .array(z.string())
    .default([])
    .describe('Namespaces, beside the root namespace, that may export to everyone all the same.'),
  requireOwnNamespace: z
    .boolean()
    .default(false)
    .describe(
      'Whether an object that is exported by name must name its own namespace, which is not included.',
    ),
});
type MessageId = 'missing-namespace' | 'refused' | 'without-own-namespace' | 'to-everyone';

/** Who may see an object: names that exist, and no more of them than the mesh's owners want. */
export const exportScope = definePolicy<typeof params, MessageId>({
  id: 'tenancy/export-scope',
  title: 'Objects are exported to namespaces that exist',
  why: 'An object is seen by the namespaces that its exportTo names. Istio does not check the names: a wrong one hides the object in silence, and a list of names leaves out the own namespace. Without exportTo, and without a default of the mesh, every namespace sees every object.',
  sources: [
    'Istio pilot/pkg/model/push_context.go, pkg/config/validation/validation.go',
    'https://github.com/istio/istio/issues/8462',
  ],
  severity: 'warning',
  subjects: ['ServiceEntry', 'VirtualService', 'DestinationRule', 'Service'],
  consults: ['Namespace', 'ConfigMap'],
  cost: 'O(names in exportTo).',
  params,
  messages: {
    'missing-namespace': {
      text: 'Namespace {missing} does not exist, so this {kind} is seen by {seenBy}.',
      remedy: 'Correct the name in exportTo, or remove it.',
    },
    refused: {
      text: 'Istio refuses the exportTo of this {kind}: {reason}.',
      remedy: 'Write "*" alone, or "." and names of namespaces.',
    },
    'without-own-namespace': {
      text: 'Namespace {namespace} itself does not see this {kind}: exportTo names {exportedTo}, and the own namespace is not included.',
      remedy: 'Add ".", if the own workloads need it.',
    },
    'to-everyone': {
      text: 'Every namespace sees this {kind}, {because}.',
      remedy: 'Export it to "." and to the namespaces that need it, by {field}.',
    },
  },
  equivalents: [
    {
      tool: 'kiali',
      code: 'KIA0005',
      note: 'an error even where the namespace is only unreadable',
    },
    { tool: 'istioctl', code: 'IST0106', note: 'the validator' },
  ],
  check({ resource }, mesh, { notToEveryone, sharedNamespaces, requireOwnNamespace }) {
    const own = requireOwnNamespace ? withoutOwnNamespace(resource, mesh) : [];
    const shared =
      resource.namespace === meshWideNamespace(mesh) ||
      sharedNamespaces.includes(resource.namespace);
    const judged = !shared && notToEveryone.some((kind) => kind === resource.type);
    return [
      ...(resource.type === 'Service' ? [] : namedNamespaces(resource, mesh)),
      ...own,
      ...(judged ? toEveryone(resource, mesh) : []),
    ];
  },
  examples: exportScopeExamples,
});

function namedNamespaces(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const { kind } = resource;
  const declared = declaredExports(resource);
  const reason = exportsRefusal(resource);
  if (reason !== undefined) {
    const at = pointer('spec', 'exportTo');
    return [{ message: 'refused', severity: 'error', at, data: { kind, reason } }];
  }
  return declared.flatMap((to, index): Report<MessageId>[] => {
    const at = pointer('spec', 'exportTo', index);
    if (typeof to !== 'string' || to === resource.namespace || ['.', '*', '~'].includes(to)) {
      return [];
    }
    if (!isMissing(to, resource, mesh)) {
      return [];
    }
    const others = declared.filter(
      (other): other is string =>
        other !== to && typeof other === 'string' && !isMissing(other, resource, mesh),
    );
    const names = others.map((other) => (other === '.' ? resource.namespace : other));
    const seenBy = names.length === 0 ? 'nobody' : `${names.join(', ')} only`;
    return [{ message: 'missing-namespace', at, data: { kind, missing: to, seenBy } }];
  });
}

/** Told only where the inputs hold the object's own Namespace, so that they may be taken to hold all. */
function isMissing(namespace: string, resource: Resource, mesh: Mesh): boolean {
  return (
    !['.', '*', '~'].includes(namespace) &&
    mesh.get('Namespace', '', resource.namespace) !== undefined &&
    mesh.get('Namespace', '', namespace) === undefined
  );
}

function withoutOwnNamespace(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const { kind, namespace } = resource;
  const exportedTo = namespacesExportedTo(resource, mesh);
  return exportedTo.length === 0 || exportGroup(resource, namespace, mesh) !== undefined
    ? []
    : [
        {
          message: 'without-own-namespace',
          at: exportField(resource),
          data: { kind, namespace, exportedTo },
        },
      ];
}

function toEveryone(resource: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  if (!exportsOf(resource, mesh).includes('*')) {
    return [];
  }
  const declared = declaredExports(resource).length > 0;
  const field =
    resource.type === 'Service' ? 'annotation networking.istio.io/exportTo' : 'spec.exportTo';
  const because = declared
    ? `since its ${field} says "*"`
    : `since it has no ${field} and the mesh sets no other default`;
  return [
    {
      message: 'to-everyone',
      at: declared ? exportField(resource) : pointer('metadata', 'name'),
      data: { kind: resource.kind, because, field },
    },
  ];
}

function exportField(resource: Resource): Pointer {
  return resource.type === 'Service'
    ? pointer('metadata', 'annotations', 'networking.istio.io/exportTo')
    : pointer('spec', 'exportTo');
}
