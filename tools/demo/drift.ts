import { isObject, objectIn, type JsonObject } from '../../policies/core/json.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { exampleObjects } from './repository.ts';

/** What somebody changed by hand in the cluster of the demonstration. */
const edited = { kind: 'DestinationRule', name: 'orders-db', value: '1800s' } as const;

/**
 * The example as `kubectl get -o json --show-managed-fields` would save it from a cluster that Argo CD applied it to,
 * and where somebody then edited one DestinationRule.
 */
export function savedCluster(): string {
  const items = exampleObjects().map((resource) =>
    resource.kind === edited.kind && resource.name === edited.name
      ? withEdit(resource.object)
      : resource.object,
  );
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function withEdit(object: Resource['object']): JsonObject {
  const copy = structuredClone(object);
  const pool = objectIn(copy, 'spec', 'trafficPolicy', 'connectionPool', 'tcp');
  if (!isObject(pool)) throw new Error('the example has lost the setting that is to drift');
  return {
    ...copy,
    metadata: {
      ...objectIn(copy, 'metadata'),
      managedFields: [
        {
          manager: 'kubectl-edit',
          operation: 'Update',
          apiVersion: copy['apiVersion'] ?? '',
          time: '2026-01-15T03:12:44Z',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:spec': {
              'f:trafficPolicy': {
                'f:connectionPool': { 'f:tcp': { 'f:maxConnectionDuration': {} } },
              },
            },
          },
        },
      ],
    },
    spec: withDuration(objectIn(copy, 'spec') ?? {}),
  };
}

function withDuration(spec: JsonObject): JsonObject {
  const trafficPolicy = objectIn(spec, 'trafficPolicy') ?? {};
  const connectionPool = objectIn(trafficPolicy, 'connectionPool') ?? {};
  const tcp = { ...objectIn(connectionPool, 'tcp'), maxConnectionDuration: edited.value };
  return {
    ...spec,
    trafficPolicy: { ...trafficPolicy, connectionPool: { ...connectionPool, tcp } },
  };
}
