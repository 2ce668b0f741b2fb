import { explainChange } from '../../../pipelines/compare/meaning.ts';
import { meshChangeOf } from '../../../pipelines/compare/meaning-change.ts';
import type { Meaning, MeshChange } from '../../../pipelines/compare/meaning-statement.ts';
import { pairManifests } from '../../../pipelines/compare/pair-manifests.ts';
import { toManifest } from '../../../pipelines/compare/state.ts';
import { readManifests } from '../../../pipelines/render/manifests.ts';
import type { MeshFacts } from '../../../policies/core/settings.ts';
import { meshOf } from '../../support/examples.ts';

const istio = { istioVersion: '1.31', nativeSidecars: false } as const;

/** What lies between two texts of manifests; `reversed` reads the objects in the opposite order. */
export function changeBetween(
  before: string,
  after: string,
  { reversed = false, facts = istio }: { reversed?: boolean; facts?: MeshFacts } = {},
): MeshChange {
  const [old, now] = [before, after].map((text) => {
    const { resources, errors } = readManifests('all.yaml', text);
    if (errors.length > 0) {
      throw new Error(errors.map((error) => error.text).join('\n'));
    }
    return (reversed ? resources.toReversed() : resources).map(toManifest);
  });
  const meshes = [old ?? [], now ?? []].map((manifests) =>
    meshOf(
      manifests.flatMap(({ located }) => located?.resource ?? []),
      facts,
    ),
  );
  const [base, head] = meshes;
  if (base === undefined || head === undefined) {
    throw new Error('unreachable');
  }
  return meshChangeOf(pairManifests(old ?? [], now ?? []), base, head);
}

/** What a change means. */
export function meaningOf(before: string, after: string, facts?: MeshFacts): readonly Meaning[] {
  return explainChange(changeBetween(before, after, facts === undefined ? {} : { facts }));
}

/** The sentences on one topic. */
export function said(
  topic: Meaning['topic'],
  before: string,
  after: string,
  facts?: MeshFacts,
): readonly string[] {
  return meaningOf(before, after, facts)
    .filter((meaning) => meaning.topic === topic)
    .map(({ text }) => text);
}

/** A manifest of an Istio kind in flow style. */
export function istioObject(kind: string, name: string, spec: string): string {
  const [namespace = '', own = ''] = name.split('/');
  const group = ['PeerAuthentication', 'AuthorizationPolicy'].includes(kind)
    ? 'security'
    : 'networking';
  return `---
apiVersion: ${group}.istio.io/v1
kind: ${kind}
metadata: {name: ${own}, namespace: ${namespace}}
spec: ${spec}
`;
}

/** A Deployment with a sidecar, and the Service before it. */
export function app(name: string, { labels = '', annotations = '', grace = 30 } = {}): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {app: ${name}}
  ports: [{name: tcp-main, port: 7000}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}${labels}}
      annotations: {${annotations}}
    spec:
      terminationGracePeriodSeconds: ${String(grace)}
      containers: [{name: app, image: "registry.example.com/app:1", ports: [{containerPort: 7000}]}]
`;
}

/** A Namespace whose Pods get a sidecar. */
export const shop = `---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
`;

/** The mesh config with an outbound mode. */
export function meshConfig(mode: string, more = ''): string {
  return `---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    outboundTrafficPolicy: {mode: ${mode}}
    ${more}
`;
}
