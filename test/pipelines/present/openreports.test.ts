import { describe, expect, test } from '@jest/globals';
import { driftResults } from '../../../pipelines/present/openreports-drift.ts';
import { collapseOwners, ownerOf } from '../../../pipelines/present/openreports-owners.ts';
import {
  reportDocuments,
  type ReportOptions,
  type ReportResult,
} from '../../../pipelines/present/openreports.ts';
import { listIn, stringIn, valueIn } from '../../../policies/core/json.ts';
import { driftOf, driftReport } from '../../support/drift-report.ts';

const options: ReportOptions = {
  group: 'openreports.io',
  name: 'meshgate-audit',
  source: 'meshgate audit',
};

function result(name: string, parts: Partial<ReportResult> = {}): ReportResult {
  return {
    object: { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name },
    policy: 'drain/grace-covers-ttl',
    rule: 'too-short',
    severity: 'high',
    result: 'fail',
    message: 'too short',
    ...parts,
  };
}

describe('reports of findings', () => {
  test('are one for each namespace, and one for what is in none', () => {
    const namespace = {
      object: { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'shop' },
    };
    const other = { object: { apiVersion: 'v1', kind: 'Service', namespace: 'bank', name: 'a' } };
    const documents = reportDocuments(
      [result('a'), result('b', { result: 'warn' }), result('c', other), result('d', namespace)],
      options,
    );
    expect(documents.map(({ namespace: at, object }) => [at, object['kind']])).toEqual([
      ['', 'ClusterReport'],
      ['bank', 'Report'],
      ['shop', 'Report'],
    ]);
    expect(documents[2]?.object).toMatchObject({
      apiVersion: 'openreports.io/v1alpha1',
      metadata: { name: 'meshgate-audit', namespace: 'shop' },
      source: 'meshgate audit',
      summary: { pass: 0, fail: 1, warn: 1, error: 0, skip: 0 },
      results: [{ resources: [{ kind: 'Service', name: 'a', namespace: 'shop' }] }, {}],
    });
  });

  test('are the same whatever the order of the results', () => {
    const some = [result('a'), result('b', { severity: 'info', result: 'warn' }), result('c')];
    expect(reportDocuments(some.toReversed(), options)).toEqual(reportDocuments(some, options));
  });

  test('keep the gravest and count all', () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      result(`s${String(index)}`, { result: 'warn', severity: 'info' }),
    );
    const [document] = reportDocuments([...many, result('worst')], options);
    const results = listIn(document?.object, 'results');
    expect(results).toHaveLength(500);
    expect(valueIn(results[0], 'resources')).toMatchObject([{ name: 'worst' }]);
    expect(valueIn(document?.object, 'summary')).toMatchObject({ fail: 1, warn: 700 });
    expect(valueIn(document?.object, 'configuration', 'limits', 'maxResults')).toBe(500);
  });

  test('of the older group have only its fields', () => {
    const [document] = reportDocuments([result('a')], { ...options, group: 'wgpolicyk8s.io' });
    expect(document?.object).toMatchObject({
      apiVersion: 'wgpolicyk8s.io/v1alpha2',
      kind: 'PolicyReport',
    });
    expect(Object.keys(document?.object ?? {})).toEqual([
      'apiVersion',
      'kind',
      'metadata',
      'summary',
      'results',
    ]);
  });

  test('hold no text that a terminal would obey', () => {
    const [document] = reportDocuments([result('a', { message: 'a\u001B[31mb' })], options);
    expect(stringIn(listIn(document?.object, 'results')[0], 'message')).toBe('a\\u{1b}[31mb');
  });
});

describe('owners', () => {
  const pod = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      labels: { 'pod-template-hash': '5d9f' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9f', uid: 'u', controller: true },
      ],
    },
  });

  test('stand for what they made, once, with the number', () => {
    const pods = Array.from({ length: 300 }, (_, index) => pod(`web-5d9f-${String(index)}`));
    const results = pods.map((object) => {
      const { name } = object.metadata;
      const owner = ownerOf(object);
      return {
        ...result(name, {
          object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name },
          message: `Pod ${name} stops too early`,
        }),
        ...(owner === undefined ? {} : { owner }),
      };
    });
    expect(collapseOwners([...results, result('alone')])).toMatchObject([
      {
        object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
        properties: { through: 'Pod', objects: '300' },
      },
      { object: { name: 'alone' } },
    ]);
  });

  test('are followed to the top where somebody can read them', () => {
    const job = {
      metadata: { namespace: 'shop', ownerReferences: [controlledBy('CronJob', 'nightly')] },
    };
    const made = {
      metadata: { namespace: 'shop', ownerReferences: [controlledBy('Job', 'nightly-1')] },
    };
    const owner = ownerOf(made, ({ kind }) => (kind === 'Job' ? job : undefined));
    expect(owner).toMatchObject({ kind: 'CronJob', namespace: 'shop', name: 'nightly' });
    expect(ownerOf({ metadata: {} })).toBeUndefined();
  });

  function controlledBy(kind: string, name: string) {
    return { apiVersion: 'batch/v1', kind, name, controller: true };
  }
});

describe('reports of drift', () => {
  test('say which fields, who, and where Git says it', () => {
    const results = driftResults(driftReport({ drifts: [driftOf('ledger')] }));
    expect(results).toMatchObject([
      {
        policy: 'drift',
        rule: 'changed',
        result: 'fail',
        properties: {
          fields: 'spec.trafficPolicy.tls.mode',
          managers: 'kubectl-edit (Update), last active 2026-11-30T09:00:00Z',
          source: 'base/rules.yaml:12',
        },
      },
    ]);
  });

  test('do not call failed what could not be told', () => {
    const drift = driftOf('ledger', { verdict: 'unknown', fields: [] });
    expect(driftResults(driftReport({ drifts: [drift] }))).toMatchObject([{ result: 'error' }]);
  });
});
