/** An object as Git declares it, by its place in the list: routes and rules by turns. */
export function declaredObject(index: number): Readonly<Record<string, unknown>> {
  const name = `service-${String(index)}`;
  const metadata = { name, namespace: `team-${String(index % 50)}`, labels: { app: name } };
  return index % 2 === 0
    ? {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata,
        spec: {
          hosts: [name],
          http: [
            {
              match: [{ headers: { 'x-version': { exact: 'next' } } }],
              route: [{ destination: { host: name, subset: 'next' } }],
            },
            {
              route: [
                { destination: { host: name, subset: 'stable' }, weight: 90 },
                { destination: { host: name, subset: 'next' }, weight: 10 },
              ],
              retries: { attempts: 3, perTryTimeout: '2s' },
              timeout: '10s',
            },
          ],
        },
      }
    : {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata,
        spec: {
          host: name,
          trafficPolicy: {
            connectionPool: { tcp: { maxConnections: 100, maxConnectionDuration: '300s' } },
            tls: { mode: 'ISTIO_MUTUAL' },
          },
          subsets: [
            { name: 'stable', labels: { version: 'stable' } },
            { name: 'next', labels: { version: 'next' } },
          ],
        },
      };
}

/** The same object as it lives: with what the API server adds, and for one in a hundred an edit by somebody. */
export function liveObject(index: number): Readonly<Record<string, unknown>> {
  const declared = declaredObject(index);
  const spec = declared['spec'] as Readonly<Record<string, unknown>>;
  const isEdited = index % 100 === 99;
  const time = '2026-01-01T00:00:00Z';
  return {
    ...declared,
    metadata: {
      ...(declared['metadata'] as object),
      uid: `00000000-0000-0000-0000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(index),
      generation: 3,
      creationTimestamp: time,
      managedFields: [
        {
          manager: isEdited ? 'kubectl-edit' : 'argocd-controller',
          operation: isEdited ? 'Update' : 'Apply',
          apiVersion: 'networking.istio.io/v1',
          time,
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:metadata': { 'f:labels': { 'f:app': {} } },
            'f:spec': Object.fromEntries(Object.keys(spec).map((key) => [`f:${key}`, {}])),
          },
        },
      ],
    },
    spec: isEdited ? { ...spec, host: 'elsewhere' } : spec,
  };
}
