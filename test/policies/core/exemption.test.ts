import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../../../policies/core/evaluate.ts';
import { effectOf } from '../../../policies/core/finding.ts';
import type { Json } from '../../../policies/core/json.ts';
import { planPolicies } from '../../../policies/core/plan.ts';
import type { Subject } from '../../../policies/core/policy.ts';
import { catalogue, settings, subject } from './support.ts';

const january31 = Date.UTC(2027, 0, 31);
const day = 86_400_000;

/** What an evaluation gives: `<policy>#<message>` of findings and `<policy>: <source>: <reason>` of exempted ones. */
function verdict(of: Subject, document: Readonly<Record<string, Json>>, now = 0) {
  const plan = planPolicies({
    catalogue,
    settings: settings(document),
    gate: 'review',
    now,
    namespaceLabels: () => undefined,
  });
  const { findings, exempted } = evaluate(of, undefined, plan);
  return {
    all: findings,
    findings: findings.map(({ policy, message }) => `${policy}#${message}`),
    exempted: exempted.map(
      ({ finding, exemption }) => `${finding.policy}: ${exemption.source}: ${exemption.reason}`,
    ),
  };
}

const pod = subject('Pod', 'orders', { metadata: { namespace: 'shop' } });
const [first, second] = ['drain/first#reported', 'drain/second#reported'];

describe('exemptions of the configuration', () => {
  const match = { namespaces: ['shop'] };

  test('take the findings of a policy, or of a topic', () => {
    const one = { exemptions: [{ policy: 'drain/first', match, reason: 'old' }] };
    expect(verdict(pod, one)).toMatchObject({
      findings: [second],
      exempted: ['drain/first: configuration: old'],
    });
    const topic = { exemptions: [{ policy: 'drain/*', match, reason: 'old' }] };
    expect(verdict(pod, topic)).toMatchObject({ findings: [], exempted: { length: 2 } });
    const other = { exemptions: [{ policy: 'egress/*', match, reason: 'old' }] };
    expect(verdict(pod, other)).toMatchObject({ findings: [first, second], exempted: [] });
  });

  test('apply only where they match', () => {
    const exemptions = [{ policy: 'drain/*', match: { names: ['x'] }, reason: 'old' }];
    expect(verdict(pod, { exemptions }).findings).toEqual([first, second]);
  });

  test.each<[string, number, boolean]>([
    ['before', january31 - 30 * day, true],
    ['at the first moment of the last day', january31, true],
    ['at the last moment of the last day', january31 + day - 1, true],
    ['when the last day has ended', january31 + day, false],
  ])('hold until their last day has ended in UTC: %s', (_, now, holds) => {
    const exemptions = [
      { policy: 'drain/first', match, reason: 'Old client.', expires: '2027-01-31' },
    ];
    const { findings, all } = verdict(pod, { exemptions }, now);
    expect(findings).toEqual(
      holds ? [second] : [first, second, 'meshgate/expired-exemption#expired'],
    );
    expect(all.filter(({ message }) => message === 'expired').map(effectOf)).toEqual(
      holds ? [] : ['warn'],
    );
  });

  test('an expired one is told once, with its reason, on an object that its policy judges', () => {
    const exemptions = [{ policy: 'drain/*', match, reason: 'Old client.', expires: '2027-01-31' }];
    const remark = verdict(pod, { exemptions }, january31 + day).all.at(-1);
    expect(remark).toEqual({
      policy: 'meshgate/expired-exemption',
      message: 'expired',
      severity: 'warning',
      mode: 'warn',
      at: '',
      object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'orders' },
      data: { policy: 'drain/*', reason: 'Old client.', expires: '2027-01-31' },
      text: 'The exemption from drain/* for Pod shop/orders held until 2027-01-31 and no longer does. Its reason was: Old client.',
      remedy:
        'Repair what drain/* reports and take the exemption out of the configuration, or agree on a new date there.',
    });
    const elsewhere = [
      subject('Pod', 'a'),
      subject('Service', 'a', { metadata: { namespace: 'shop' } }),
    ];
    for (const other of elsewhere) {
      expect(verdict(other, { exemptions }, january31 + day).findings).not.toContain(
        'meshgate/expired-exemption#expired',
      );
    }
    const off = { 'drain/first': { mode: 'off' }, 'drain/second': { mode: 'off' } };
    expect(verdict(pod, { exemptions, policies: off }, january31 + day).findings).toEqual([]);
  });
});

describe('the annotation', () => {
  const allowed = { annotationExemptions: { namespaces: ['sh*'] } };

  function annotated(text: Json): Subject {
    return subject('Pod', 'orders', {
      metadata: { namespace: 'shop', annotations: { 'meshgate.dev/exempt': text } },
    });
  }

  test('exempts where the configuration allows it, one policy a line', () => {
    const both = annotated('drain/first: clients retry: agreed\r\n\n  drain/second : later  ');
    expect(verdict(both, allowed)).toMatchObject({
      findings: [],
      exempted: [
        'drain/first: annotation: clients retry: agreed',
        'drain/second: annotation: later',
      ],
    });
    expect(verdict(annotated('drain/*: all'), allowed)).toMatchObject({ findings: [] });
  });

  test('is not honoured anywhere else, and says so', () => {
    const { findings, exempted, all } = verdict(annotated('drain/*: all'), {});
    expect(findings).toEqual([first, second, 'meshgate/exemption-not-honoured#not-allowed']);
    expect(exempted).toEqual([]);
    expect(all.at(-1)).toMatchObject({
      severity: 'info',
      at: '/metadata/annotations/meshgate.dev~1exempt',
      text: 'The annotation meshgate.dev/exempt has no effect on Pod shop/orders: the configuration does not allow it in the namespace shop.',
    });
    const namespaces = { annotationExemptions: { namespaces: ['*'] } };
    const outside = subject('GatewayClass', 'x', {
      metadata: { annotations: { 'meshgate.dev/exempt': 'drain/*: all' } },
    });
    expect(verdict(outside, namespaces).all[0]?.text).toContain(
      'in objects outside all namespaces',
    );
  });

  test.each([
    ['drain/first', 'no-reason', 'it gives no reason.'],
    ['drain/first:   ', 'no-reason', 'it gives no reason.'],
    ['drain/frist: x', 'unknown-policy', 'no policy has that id; did you mean "drain/first"?'],
    ['whatever', 'unknown-policy', 'no policy has that id.'],
    [': reason', 'unknown-policy', 'no policy has that id.'],
    ['__proto__: x', 'unknown-policy', 'no policy has that id.'],
    ['meshgate/*: x', 'unknown-policy', 'no policy has that id.'],
  ])('%j is not honoured: %s', (line, message, text) => {
    const { findings, all } = verdict(annotated(line), allowed);
    expect(findings).toEqual([first, second, `meshgate/exemption-not-honoured#${message}`]);
    expect(all.at(-1)?.text).toContain(text);
  });

  test('is nothing where it is empty or no text', () => {
    expect(verdict(annotated(''), allowed).findings).toEqual([first, second]);
    expect(verdict(annotated(3), allowed).findings).toEqual([first, second]);
  });

  test('remarks on a hostile one are few and short', () => {
    const hostile = annotated(`${'x'.repeat(100_000)}\n`.repeat(100));
    const { all } = verdict(hostile, allowed);
    expect(all).toHaveLength(12);
    expect(all.at(-1)?.text.length).toBeLessThan(300);
  });

  test('is read from the pod template too, where it says its place', () => {
    const template = { metadata: { annotations: { 'meshgate.dev/exempt': 'drain/first: later' } } };
    const deployment = subject('Deployment', 'orders', {
      metadata: { namespace: 'shop', annotations: { 'meshgate.dev/exempt': 'drain/second: now' } },
      spec: { template },
    });
    expect(verdict(deployment, allowed)).toMatchObject({ findings: [], exempted: { length: 2 } });
    expect(verdict(deployment, {}).all.map(({ at }) => at)).toEqual([
      '/spec',
      '/spec',
      '/metadata/annotations/meshgate.dev~1exempt',
      '/spec/template/metadata/annotations/meshgate.dev~1exempt',
    ]);
    const cronJob = subject('CronJob', 'x', { spec: { jobTemplate: { spec: { template } } } });
    expect(verdict(cronJob, {}).all.map(({ at }) => at)).toEqual([
      '/spec/jobTemplate/spec/template/metadata/annotations/meshgate.dev~1exempt',
    ]);
  });
});
