import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isObject, type Json, type JsonObject } from '../../../policies/core/json.ts';
import { readOwnership } from '../../../pipelines/drift/managed-fields.ts';
import { amountOf } from '../../../pipelines/drift/quantity.ts';
import { kindShape } from '../../../pipelines/drift/shape/kind-shape.ts';
import type { Shape } from '../../../pipelines/drift/shape/shape.ts';
import { parseDuration } from '../../../policies/core/duration.ts';
import { describeWith } from '../../support/describe-with.ts';
import { compare, fieldsOf, objectsIn } from '../../support/drift/compare.ts';
import { findShared } from '../../support/shared.ts';

const shared = findShared('data', 'drift');
const missing = 'missing' in shared ? shared.missing : undefined;
const root = 'path' in shared ? shared.path : '';

function text(...parts: readonly string[]): string {
  return readFileSync(join(root, ...parts), 'utf8');
}

function read(...parts: readonly string[]): Json {
  return JSON.parse(text(...parts)) as Json;
}

/** Pairs of others' tests; what Argo CD says otherwise is what its dry-run answer changes, or what it calls in sync. */
const pairs: readonly (readonly [desired: string, live: string, expected: readonly string[]])[] = [
  ['gitops-engine/deployment-config.json', 'gitops-engine/deployment-live.json', []],
  ['gitops-engine/spinnaker-sa-config.json', 'gitops-engine/spinnaker-sa-live.json', []],
  ['gitops-engine/sealedsecret-config.json', 'gitops-engine/sealedsecret-live.json', []],
  ['gitops-engine/aggr-clusterrole-config.json', 'gitops-engine/aggr-clusterrole-live.json', []],
  [
    'gitops-engine/smd-service-config.yaml',
    'gitops-engine/smd-service-live.yaml',
    ['/spec/ports/1/targetPort'],
  ],
  [
    'gitops-engine/smd-service-config.yaml',
    'gitops-engine/smd-service-live-with-type.yaml',
    ['/spec/ports/1/targetPort', '/spec/type'],
  ],
  ['gitops-engine/smd-deploy-config.yaml', 'gitops-engine/smd-deploy-live.yaml', []],
  ['gitops-engine/ssd-service-config.yaml', 'gitops-engine/ssd-service-live.yaml', []],
  [
    'gitops-engine/ssd-deploy-with-manual-apply-config.yaml',
    'gitops-engine/ssd-deploy-with-manual-apply-live.yaml',
    // kubectl-client-side-apply is a deployer unless it is said otherwise, and noted the container as applied.
    ['port 40', '/spec/template/spec/containers/1'],
  ],
  [
    'gitops-engine/ssd-deploy-composite-key-config.yaml',
    'gitops-engine/ssd-deploy-composite-key-live.yaml',
    ['port 8080'],
  ],
  [
    'argo-util/desired_deployment.yaml',
    'argo-util/live_deployment_with_managed_replica.yaml',
    ['/spec/replicas', '/spec/revisionHistoryLimit'],
  ],
];

describeWith(missing, "agrees with others' pairs of desired and live objects", () => {
  test.each(pairs)('%s and %s', async (desired, live, expected) => {
    const report = await compare(text(desired), objectsIn(text(live)));
    const places = report.drifts.flatMap(({ fields }) =>
      fields.map(({ at, declared }) => {
        const port = isObject(declared)
          ? (declared['containerPort'] ?? declared['port'])
          : undefined;
        return port === undefined ? at : `port ${JSON.stringify(port)}`;
      }),
    );
    expect(places.toSorted()).toEqual([...expected].toSorted());
  });

  test('a Secret differs by its keys, and nothing of its values is told', async () => {
    const desired = JSON.parse(text('gitops-engine/wordpress-config.json')) as JsonObject;
    const live = JSON.parse(text('gitops-engine/wordpress-live.json')) as JsonObject;
    const withData = (object: JsonObject, value: string): JsonObject => ({
      ...object,
      metadata: { name: 'wordpress', namespace: 'shop' },
      data: { 'wordpress-password': value, 'smtp-password': value },
    });
    const report = await compare(
      JSON.stringify(withData(desired, '++++++++')),
      [withData(live, '++++++++++++')],
      { secrets: true },
    );
    expect(fieldsOf(report).map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['/data/wordpress-password', '/data/smtp-password']),
    );
    expect(JSON.stringify(report.drifts.map(({ fields }) => fields))).not.toContain('++++');
  });

  test('ownership is read from FieldsV1 as structured-merge-diff writes it', () => {
    for (const [file, set] of [
      ['pod.yaml', 'podset.json'],
      ['node.yaml', 'nodeset.json'],
      ['endpoints.yaml', 'endpointsset.json'],
    ] as const) {
      const [object = {}] = objectsIn(text('smd', file));
      const entry = { manager: 'm', operation: 'Update', fieldsV1: read('smd', set) };
      const live = {
        ...object,
        metadata: { ...(object['metadata'] as JsonObject), managedFields: [entry] },
      };
      const ownership = readOwnership(live);
      const orphans = leafPaths(object).filter((path) => ownership.ownersOf(path).length === 0);
      expect([file, orphans]).toEqual([file, []]);
    }
  });

  test('equal quantities and durations are equal however they are written', () => {
    const vectors = read('normalisation-vectors.json') as {
      readonly quantity: readonly (readonly [Json, Json])[];
      readonly goDuration: readonly (readonly [string, string])[];
    };
    for (const [left, right] of vectors.quantity) expect(amountOf(left)).toBe(amountOf(right));
    for (const [left, right] of vectors.goDuration) {
      expect(parseDuration(left)).toBe(parseDuration(right));
    }
  });

  test("the defaults and list keys are those of the mesh kinds' CRDs", () => {
    const facts = read('crd-facts.json') as unknown as {
      readonly kinds: Readonly<
        Record<
          string,
          {
            readonly spec: {
              readonly defaults: string[];
              readonly listTypes: string[];
              readonly durationLike: string[];
            };
          }
        >
      >;
    };
    for (const [name, { spec }] of Object.entries(facts.kinds)) {
      const [group = '', kind = ''] = name.split('/');
      const { shape } = kindShape(`${group}/v1`, kind);
      const told = facetsBelow(shape.members.get('spec'));
      expect([name, told.defaults.toSorted()]).toEqual([name, spec.defaults.toSorted()]);
      const keyed = spec.listTypes.filter((line) => !line.endsWith(' atomic'));
      expect([name, told.lists.toSorted()]).toEqual([name, keyed.toSorted()]);
      for (const path of spec.durationLike.filter((one) => one !== '/rules/*/timeouts')) {
        expect(told.durations).toContain(path);
      }
    }
  });
});

function leafPaths(value: Json, path: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => leafPaths(item, [...path, index]));
  }
  return isObject(value)
    ? Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, [...path, key]))
    : [[...path]];
}

interface Told {
  readonly defaults: string[];
  readonly lists: string[];
  readonly durations: string[];
}

function facetsBelow(shape: Shape | undefined, path = '', told?: Told): Told {
  const found = told ?? { defaults: [], lists: [], durations: [] };
  if (shape === undefined) return found;
  if (shape.fallback !== undefined) {
    found.defaults.push(`${path} = ${JSON.stringify(shape.fallback)}`);
  }
  if (shape.keys !== undefined) found.lists.push(`${path} map[${shape.keys.join(' ')}]`);
  if (shape.set === true) found.lists.push(`${path} set`);
  if (shape.type === 'duration') found.durations.push(path);
  for (const [key, inner] of shape.members) facetsBelow(inner, `${path}/${key}`, found);
  return facetsBelow(shape.each, `${path}/*`, found);
}
