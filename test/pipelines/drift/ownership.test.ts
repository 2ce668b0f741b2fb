import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../policies/core/json.ts';
import { compare, fieldsOf, now, objectsIn, owned } from '../../support/drift/compare.ts';

const declared = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ledger, namespace: shop}
spec:
  host: ledger
  trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}, connectionPool: {tcp: {connectTimeout: 5s}}}
`;
const [git = {}] = objectsIn(declared);

function withSpec(spec: JsonObject): JsonObject {
  return { ...git, spec: { ...(git['spec'] as JsonObject), ...spec } };
}

const random = { trafficPolicy: { loadBalancer: { simple: 'RANDOM' } } };
const changed = withSpec({
  trafficPolicy: {
    loadBalancer: { simple: 'RANDOM' },
    connectionPool: { tcp: { connectTimeout: '5s' } },
  },
});
const balancer = '/spec/trafficPolicy/loadBalancer/simple';

describe('a value that differs', () => {
  test.each([
    ['not-applied', [['argocd-controller', { spec: random }]]],
    ['changed', [['kubectl-edit', { spec: random }, 'Update']]],
    [
      'contested',
      [
        ['argocd-controller', { spec: random }],
        ['other-tool', { spec: random }],
      ],
    ],
    ['rewritten', [['argocd-controller', { spec: { host: 'x' } }]]],
  ] as const)('is %s by its owners', async (drift, entries) => {
    const report = await compare(declared, [owned(changed, ...entries)]);
    expect(report.drifts[0]?.verdict).toBe('changed');
    expect(report.drifts[0]?.fields[0]).toMatchObject({
      at: balancer,
      class: drift,
      declared: 'LEAST_REQUEST',
      live: 'RANDOM',
    });
    expect(report.drifts[0]).toMatchObject({ file: 'app.yaml', line: 7 });
  });

  test('names the one who acted last first', async () => {
    const live = owned(
      changed,
      ['argocd-controller', { spec: random }],
      ['other', { spec: random }],
    );
    const report = await compare(declared, [live]);
    expect(report.drifts[0]?.fields[0]).toMatchObject({
      manager: 'other',
      operation: 'Apply',
      time: '2026-01-02T00:00:00Z',
      others: ['argocd-controller'],
    });
  });

  test('is nothing once the value is restored, whoever owns it', async () => {
    const live = owned(git, ['kubectl-edit', { spec: random }, 'Update']);
    expect((await compare(declared, [live])).verdict).toBe('in-sync');
  });

  test('waits while the deployment of a fresh commit may be under way, unless a person made it', async () => {
    const ahead = [owned(changed, ['argocd-controller', { spec: random }])];
    expect((await compare(declared, ahead, {}, now - 60_000)).verdict).toBe('in-sync');
    expect((await compare(declared, ahead, {}, now - 3_600_000)).verdict).toBe('drift');
    const edited = [owned(changed, ['kubectl-edit', { spec: random }, 'Update'])];
    expect((await compare(declared, edited, {}, now - 60_000)).verdict).toBe('drift');
  });

  test('is not another way to write the same duration', async () => {
    const live = withSpec({
      trafficPolicy: {
        loadBalancer: { simple: 'LEAST_REQUEST' },
        connectionPool: { tcp: { connectTimeout: '5000ms' } },
      },
    });
    expect((await compare(declared, [live])).verdict).toBe('in-sync');
  });
});

describe('what only one side has', () => {
  const more = withSpec({ exportTo: ['.'] });
  const exportTo = { spec: { exportTo: ['.'] } };

  test('is removed in Git where a deployer applied it', async () => {
    const live = owned(more, ['kustomize-controller', exportTo]);
    expect(fieldsOf(await compare(declared, [live]))).toEqual([
      'removed-in-git /spec/exportTo kustomize-controller',
    ]);
  });

  test('is removed in Git where last-applied has it, or a deployer updated it without saying what', async () => {
    const updated = owned(more, ['helm', exportTo, 'Update']);
    expect(fieldsOf(await compare(declared, [updated]))).toEqual([
      'removed-in-git /spec/exportTo helm',
    ]);
    const note = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(more) };
    const noted = { ...more, metadata: { name: 'ledger', namespace: 'shop', annotations: note } };
    expect(fieldsOf(await compare(declared, [noted]))).toEqual(['removed-in-git /spec/exportTo -']);
  });

  test('is foreign where somebody else added it to the spec of a mesh kind', async () => {
    const live = owned(more, ['kubectl-patch', exportTo, 'Update']);
    expect(fieldsOf(await compare(declared, [live]))).toEqual([
      'foreign-addition /spec/exportTo kubectl-patch',
    ]);
  });

  test('is silent where nobody owns it', async () => {
    const live = owned(more, ['argocd-controller', { spec: { host: 'x' } }]);
    expect((await compare(declared, [live])).verdict).toBe('in-sync');
  });

  test('is missing where live lacks it', async () => {
    const { trafficPolicy: _, ...spec } = git['spec'] as JsonObject;
    const report = await compare(declared, [
      owned({ ...git, spec }, ['argocd-controller', { spec }]),
    ]);
    expect(fieldsOf(report)).toEqual(['missing-field /spec/trafficPolicy -']);
  });

  test('counts among labels only where it steers the mesh, unless all shall count', async () => {
    const labels = { team: 'x', 'istio.io/rev': 'canary' };
    const live = owned({ ...git, metadata: { name: 'ledger', namespace: 'shop', labels } }, [
      'kubectl-label',
      { metadata: { labels } },
      'Update',
    ]);
    expect(fieldsOf(await compare(declared, [live]))).toEqual([
      'foreign-addition /metadata/labels/istio.io~1rev kubectl-label',
    ]);
    expect(fieldsOf(await compare(declared, [live], { strict: true }))).toHaveLength(2);
  });

  test("is no drift where it is a deployer's own stamp, and drift where a person forged it", async () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'shop' };
    const stamped = { ...git, metadata: { name: 'ledger', namespace: 'shop', labels } };
    const own = owned(stamped, ['kustomize-controller', { metadata: { labels } }]);
    expect((await compare(declared, [own])).verdict).toBe('in-sync');
    const forged = owned(stamped, ['kubectl-label', { metadata: { labels } }, 'Update']);
    expect((await compare(declared, [forged], { strict: true })).verdict).toBe('drift');
  });
});
