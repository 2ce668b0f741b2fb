import { describe, expect, test } from '@jest/globals';
import { isObject, type Json, type JsonObject } from '../../../policies/core/json.ts';
import { compare, fieldsOf, objectsIn, owned } from '../../support/drift/compare.ts';

const declared = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: dns, port: 53, protocol: UDP}, {name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [web]
  http: [{name: a, timeout: 5s, route: [{destination: {host: a}}]}, {name: b, route: [{destination: {host: b}}]}]
`;
const stored = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop, uid: '1', generation: 3}
spec:
  rules:
  - matches: [{path: {value: /, type: PathPrefix}}]
    backendRefs: [{weight: 1, port: 80, name: web, kind: Service, group: ''}]
  parentRefs: [{name: edge, kind: Gateway, group: gateway.networking.k8s.io}]
status: {parents: []}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: ClusterIP
  sessionAffinity: None
  internalTrafficPolicy: Cluster
  clusterIP: 10.0.0.1
  ports: [{port: 80, protocol: TCP, targetPort: 80, name: http}, {port: 53, protocol: UDP, targetPort: 53, name: dns}]
  selector: {app: web}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  http: [{route: [{destination: {host: a}}], name: a, timeout: 5000ms}, {name: b, route: [{destination: {host: b}}]}]
  hosts: [web]
`;

describe('properties', () => {
  test('what the API server makes of what is declared is no drift, in whatever order it is read', async () => {
    const stated = objectsIn(declared);
    const live = objectsIn(stored).map((object, index) =>
      owned(object, ['argocd-controller', { spec: stated[index]?.['spec'] ?? {} }]),
    );
    for (const objects of [live, live.toReversed()]) {
      const report = await compare(declared, objects);
      expect([report.verdict, fieldsOf(report)]).toEqual(['in-sync', []]);
    }
  });

  test('each single change of a declared scalar is found at its place', async () => {
    const live = objectsIn(stored);
    const stated = objectsIn(declared);
    for (const [index, object] of live.entries()) {
      for (const path of scalarPaths(stated[index]?.['spec'] ?? null, ['spec'])) {
        const broken = withChange(stated[index] ?? {}, path);
        const report = await compare(declared, live.with(index, { ...object, ...broken }));
        expect([path, report.verdict]).toEqual([path, 'drift']);
      }
    }
  });

  test('hostile objects never make it throw', async () => {
    let deep: Json = 1;
    for (let depth = 0; depth < 400; depth += 1) deep = { a: [deep] };
    const [route = {}] = objectsIn(stored);
    const odd: readonly Json[] = [
      null,
      7,
      'x',
      [],
      [null, 1, { name: 1 }],
      deep,
      JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as Json,
    ];
    for (const spec of odd) {
      for (const metadata of [
        route['metadata'] as JsonObject,
        { name: 'web', namespace: 'shop', managedFields: spec, annotations: spec, labels: spec },
      ]) {
        const report = await compare(declared, [{ ...route, metadata, spec }]);
        expect(report.verdict).toBe('drift');
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

function scalarPaths(value: Json, path: readonly (string | number)[]): (string | number)[][] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => scalarPaths(item, [...path, index]));
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) => scalarPaths(inner, [...path, key]))
    : [[...path]];
}

function withChange(object: JsonObject, path: readonly (string | number)[]): JsonObject {
  const copy = structuredClone(object) as Record<string, Json>;
  let at = copy as Record<string | number, Json>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, Json>;
  const last = path.at(-1) ?? '';
  const before = at[last];
  at[last] = typeof before === 'number' ? before + 1 : `${JSON.stringify(before)}-changed`;
  return copy;
}
