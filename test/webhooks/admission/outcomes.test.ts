import { describe, expect, test } from '@jest/globals';
import type { Mode } from '../../../policies/core/finding.ts';
import { objectIn, stringIn, stringMapIn } from '../../../policies/core/json.ts';
import { planPolicies } from '../../../policies/core/plan.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import type { Resource } from '../../../policies/core/resource.ts';
import type { Settings } from '../../../policies/core/settings.ts';
import { catalogue } from '../../../policies/index.ts';
import type { MutableMesh } from '../../../policies/mesh/mesh.ts';
import { workloadOf } from '../../../policies/mesh/workload.ts';
import type { GateAnswer, GateContext } from '../../../webhooks/admission/gate.ts';
import { mutate } from '../../../webhooks/admission/mutate.ts';
import {
  createOutcomes,
  type Judging,
  type Outcome,
} from '../../../webhooks/admission/outcomes.ts';
import { readReview } from '../../../webhooks/admission/read-review.ts';
import type { AdmissionGate, AdmissionRequest } from '../../../webhooks/admission/request.ts';
import { reviewBody } from '../../../webhooks/admission/respond.ts';
import { validate } from '../../../webhooks/admission/validate.ts';
import {
  fakeContext,
  fakePolicy,
  forbidsBad,
  wantsGrace,
} from '../../support/admission/fake-gate.ts';
import { generatedPodReview, type PodTemplate } from '../../support/admission/generated-pod.ts';
import { damage, expand, mutateOnce, type Tree } from '../../../tools/fuzz/mutations.ts';
import { meshOf, resourcesOf } from '../../support/examples.ts';
import { seededRandom, type Random } from '../../support/random.ts';

const judgeBy: Judging = (gate, request, context) =>
  gate === 'mutate' ? mutate(request, context) : validate(request, context);

const template: PodTemplate = {
  generateName: 'web-546bb5988b-',
  namespace: 'shop',
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'web:1' }] },
};

describe('outcomes', () => {
  const random = seededRandom(11);
  let judged = 0;
  let outcomes = createOutcomes(judgeBy);

  function start(): void {
    judged = 0;
    outcomes = createOutcomes((gate, request, context) => {
      judged += 1;
      return judgeBy(gate, request, context);
    });
  }

  function ask(gate: AdmissionGate, context: GateContext, changed = template): Outcome | undefined {
    return asked(outcomes, gate, generatedPodReview(changed, gate, random), context);
  }

  test('are judged once for all Pods of a template, at each gate', () => {
    start();
    const context = fakeContext([wantsGrace, forbidsBad], 'enforce');
    for (let pod = 0; pod < 20; pod += 1) {
      expect(ask('mutate', context)?.answer.verdict).toBe('patched');
      expect(ask('validate', context)?.answer.verdict).toBe('allowed');
    }
    expect(judged).toBe(2);
  });

  test('carry what is the own of each Pod', () => {
    start();
    const context = fakeContext([wantsGrace], 'enforce');
    const reviews = [0, 1].map(() => generatedPodReview(template, 'validate', random));
    for (const review of reviews) {
      const { request } = JSON.parse(review) as { request: AdmissionRequest };
      const outcome = asked(outcomes, 'validate', review, context);
      expect(outcome?.request).toMatchObject({ uid: request.uid, name: request.name });
      expect(outcome?.request.object).toBeUndefined();
    }
  });

  test('are judged anew for another template, context or mesh', () => {
    start();
    const reads = fakePolicy('test/reads', ['Pod'], (_subject, mesh) => {
      mesh.get('Service', 'shop', 'web');
      return [];
    });
    const context = fakeContext([reads], 'enforce');
    const mesh = context.mesh as MutableMesh;
    ask('mutate', context);
    ask('mutate', context, { ...template, metadata: { labels: { app: 'other' } } });
    expect(judged).toBe(2);
    ask('mutate', { ...context });
    expect(judged).toBe(3);
    ask('mutate', context);
    expect(judged).toBe(4);
    const [service] = resourcesOf(
      '{apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}}',
    );
    mesh.put(service as Resource);
    ask('mutate', context);
    expect(judged).toBe(5);
    const [rule] = resourcesOf(
      '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: a, namespace: b}}',
    );
    mesh.put(rule as Resource);
    ask('mutate', context);
    expect(judged).toBe(5);
  });

  test('are left alone where the answer mentions what was generated', () => {
    start();
    const tells = fakePolicy('test/tells', ['Pod'], ({ resource }) => [
      { message: 'broken', at: pointer('metadata', 'name'), data: { how: resource.name } },
    ]);
    const context = fakeContext([tells], 'warn');
    expect(ask('validate', context)).toBeUndefined();
    expect(ask('validate', context)).toBeUndefined();
    expect(ask('validate', fakeContext([forbidsBad], 'warn'))).toBeDefined();
  });

  test('are left alone where a policy failed', () => {
    start();
    const fails = fakePolicy('test/fails', ['Pod'], () => {
      throw new Error('on purpose');
    });
    expect(ask('validate', fakeContext([fails], 'warn'))).toBeUndefined();
  });

  test.each([
    ['web-*', true],
    ['web-546bb5988b-*', true],
    ['*', true],
    ['other-*', true],
    ['other', true],
    ['web', true],
    ['*-b2c4d', false],
    ['web-546bb5988b-b2c4d', false],
    ['web-546bb5988b-b*', false],
    ['w*b', false],
  ])('with settings for objects named %s are remembered: %s', (pattern, isRemembered) => {
    start();
    const { mesh, ...others } = fakeContext([forbidsBad], 'warn');
    const settings = { ...defaultSettings, ...scopesBy(pattern) };
    const plan = planPolicies({
      catalogue: [forbidsBad],
      settings,
      gate: 'admission',
      now: 0,
      namespaceLabels: () => undefined,
    });
    expect(ask('validate', { ...others, mesh, plan }) !== undefined).toBe(isRemembered);
    // Before it has a name, a Pod is nobody's by name.
    expect(ask('mutate', { ...others, mesh, plan })).toBeDefined();
  });

  test('leave everything but Pods made from a template alone, and the body as it was', () => {
    start();
    const context = fakeContext([wantsGrace], 'enforce');
    const good = generatedPodReview(template, 'validate', random);
    const name = (JSON.parse(good) as { request: { name: string } }).request.name;
    const volume = /kube-api-access-\w{5}/u.exec(good)?.[0] ?? '';
    const odd = {
      'not by the API server': good.replace('"kind":"AdmissionReview",', ' $&'),
      'a name of its own': good.replaceAll(name, 'web-546bb5988b-0'),
      'an update': good.replace('"CREATE"', '"UPDATE"'),
      'another kind': good.replace('"kind":"Pod","apiVersion"', '"kind":"Job","apiVersion"'),
      'no template': good.replace('"generateName"', '"generateNamed"'),
      'its name elsewhere': good.replace('"image":"web:1"', `"image":"${name}"`),
      'its volume elsewhere': good.replace('"image":"web:1"', `"image":"${volume}"`),
      'two volumes': good.replace(`"name":"${volume}"`, '"name":"kube-api-access-b2c4d"'),
      'cut off': good.slice(0, 700),
      'no JSON': good.replace('"spec":{', '"spec":{,'),
      empty: '',
    };
    for (const [what, text] of Object.entries(odd)) {
      expect({ what, outcome: asked(outcomes, 'validate', text, context) }).toEqual({ what });
    }
    expect(asked(outcomes, 'validate', good, context)).toBeDefined();
  });

  test('are the same as without remembering, whatever the Pods, the settings and the changes of the mesh', () => {
    const totals = { reviews: 0, remembered: 0, judged: 0 };
    for (const [index, subject] of subjects().entries()) {
      compareAll(subject, seededRandom(index), totals);
    }
    expect(totals.reviews).toBeGreaterThan(1000);
    expect(totals.remembered / totals.reviews).toBeGreaterThan(0.5);
    expect(totals.judged / totals.remembered).toBeLessThan(0.8);
  });

  test('are the same for hostile Pods too', () => {
    const totals = { reviews: 0, remembered: 0, judged: 0 };
    for (const [index, subject] of subjects().entries()) {
      compareAll(subject, seededRandom(1_000_000 + index), totals, true);
    }
    expect(totals.remembered / totals.reviews).toBeGreaterThan(0.3);
  });
});

/** Odd values in up to four places of the Pod, and now and then damage to the text. */
function hostile(text: string, resources: readonly Resource[], random: Random): string {
  const review = JSON.parse(text) as { request: { object: Tree } };
  const { object } = random.pick(resources as [Resource, ...Resource[]]);
  for (let change = 0; change <= random.next(4); change += 1) {
    mutateOnce(review.request.object, object, random);
  }
  const changed = expand(JSON.stringify(review));
  return random.chance(0.1) ? damage(changed, random).toString() : changed;
}

/** Asks with a copy, and expects the body back where there is no outcome. */
function asked(
  outcomes: ReturnType<typeof createOutcomes>,
  gate: AdmissionGate,
  text: string,
  context: GateContext,
): Outcome | undefined {
  const body = Buffer.from(text);
  const outcome = outcomes(gate, body, context);
  if (outcome === undefined) {
    expect(body.toString()).toBe(text);
  }
  return outcome;
}

function scopesBy(name: string): Pick<Settings, 'scopes'> {
  return { scopes: [{ name: 'some', match: { names: [name] }, policies: {} }] };
}

interface Subject {
  readonly resources: readonly Resource[];
  readonly templates: readonly PodTemplate[];
  readonly mesh: MutableMesh;
}

/** The examples of all policies that have something that makes Pods. */
function subjects(): readonly Subject[] {
  return catalogue
    .flatMap(({ examples }) => examples)
    .map(({ yaml, mesh }) => {
      const resources = resourcesOf(yaml);
      return { resources, templates: resources.flatMap(templateOf), mesh: meshOf(resources, mesh) };
    })
    .filter(({ templates }) => templates.length > 0);
}

function templateOf(resource: Resource): readonly PodTemplate[] {
  const workload = workloadOf(resource);
  if (workload === undefined) {
    return [];
  }
  const root =
    resource.type === 'Pod' ? resource.object : objectIn(resource.object, 'spec', 'template');
  return [
    {
      generateName: `${resource.name}-5d4c8b-`,
      namespace: resource.namespace,
      metadata: {
        labels: stringMapIn(root, 'metadata', 'labels'),
        annotations: stringMapIn(root, 'metadata', 'annotations'),
      },
      spec: objectIn(root, 'spec'),
    },
  ];
}

function compareAll(
  { resources, templates, mesh }: Subject,
  random: Random,
  totals: { reviews: number; remembered: number; judged: number },
  isHostile = false,
): void {
  const outcomes = createOutcomes((gate, request, context) => {
    totals.judged += 1;
    return judgeBy(gate, request, context);
  });
  let context = contextWith(mesh, random, templates);
  for (let step = 0; step < 12; step += 1) {
    if (random.chance(0.1)) {
      const resource = random.pick(resources as [Resource, ...Resource[]]);
      if (mesh.holds(resource)) {
        mesh.remove(resource);
      } else {
        mesh.put(resource);
      }
    }
    if (random.chance(0.05)) {
      context = contextWith(mesh, random, templates);
    }
    const gate = random.chance(0.5) ? 'mutate' : 'validate';
    const template = random.pick(templates as [PodTemplate, ...PodTemplate[]]);
    const written = generatedPodReview(template, gate, random);
    const text = isHostile && random.chance(0.5) ? hostile(written, resources, random) : written;
    const outcome = asked(outcomes, gate, text, context);
    totals.reviews += 1;
    if (outcome !== undefined) {
      totals.remembered += 1;
      expectSame(outcome, gate, text, context);
    }
  }
}

function contextWith(
  mesh: MutableMesh,
  random: Random,
  templates: readonly PodTemplate[],
): GateContext {
  const mode: Mode = random.pick(['enforce', 'enforce', 'warn', 'audit']);
  const policies = Object.fromEntries(catalogue.map(({ id }) => [id, { mode }]));
  const name = templates[0]?.generateName ?? '';
  const pattern = random.pick([`${name}*`, 'none', `${name}b*`, '*-x']);
  const exemption = { policy: '*', match: { names: [pattern] }, reason: 'a test' };
  const settings = {
    ...defaultSettings,
    policies,
    exemptions: random.chance(0.5) ? [exemption] : [],
  };
  const plan = planPolicies({
    catalogue,
    settings,
    gate: 'admission',
    now: 0,
    namespaceLabels: (namespace) => mesh.get('Namespace', '', namespace)?.labels,
  });
  return { mesh, plan, fill: true, ownNamespace: 'meshgate-system', configuration: 'v1' };
}

/** The body byte by byte, and what the log and the metrics tell. */
function expectSame(
  outcome: Outcome,
  gate: AdmissionGate,
  text: string,
  context: GateContext,
): void {
  const review = readReview(Buffer.from(text));
  if (!('request' in review)) {
    throw new Error(review.problem);
  }
  const { request } = review;
  const answer = judgeBy(gate, request, context);
  expect(outcome.text).toBe(reviewBody(request.uid, answer.response));
  expect(outcome.request).toEqual({ ...request, object: undefined, oldObject: undefined });
  expect(told(outcome.answer)).toEqual(told(answer));
}

function told({ verdict, untouched, findings, filled, operations }: GateAnswer): unknown {
  const counted = findings.map(({ finding, effect }) => [
    finding.policy,
    finding.message,
    effect,
    stringIn(finding.data, 'policy'),
  ]);
  return { verdict, untouched, counted, filled, operations };
}
