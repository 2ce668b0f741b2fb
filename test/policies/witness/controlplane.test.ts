import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isObject, listIn, stringIn, type JsonObject } from '../../../policies/core/json.ts';
import type { Example } from '../../../policies/core/policy.ts';
import { distinctRevisionsExamples } from '../../../policies/rules/controlplane/distinct-revisions.examples.ts';
import { injectorReachableExamples } from '../../../policies/rules/controlplane/injector-reachable.examples.ts';
import { startCluster, type Cluster } from '../../support/cluster/start.ts';
import { describeWithCluster } from '../../support/describe.ts';
import { resourcesOf } from '../../support/examples.ts';
import { waitFor } from '../../support/cluster/wait.ts';

const startDeadlineMilliseconds = 240_000;
const noticeMilliseconds = 60_000;
const podRules = [
  { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] },
];
const paths: Readonly<Record<string, string>> = {
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
  ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
};

function named(examples: readonly Example[], name: string): Example {
  const example = examples.find((candidate) => candidate.name === name);
  if (example === undefined) {
    throw new Error(`no example "${name}"`);
  }
  return example;
}

/** The webhook configurations of an example, asked about Pods as the chart's are. */
function configurations(
  example: Example,
): readonly { readonly path: string; readonly body: JsonObject }[] {
  return resourcesOf(example.yaml).flatMap(({ kind, object }) => {
    const plural = paths[kind];
    const webhooks = listIn(object, 'webhooks').map((webhook) => ({
      ...(isObject(webhook) ? webhook : {}),
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      rules: podRules,
    }));
    return plural === undefined
      ? []
      : [
          {
            path: `/apis/admissionregistration.k8s.io/v1/${plural}`,
            body: { ...object, webhooks },
          },
        ];
  });
}

const markerLabel = 'asks-the-marker';
const markerName = (index: number): string => `marker-${index}.test.meshgate.dev`;

/** A webhook that nobody answers, for Pods with a label of its own: they fail once its configuration is heeded. */
function marker(index: number): JsonObject {
  return {
    name: markerName(index),
    clientConfig: { service: { namespace: 'nowhere', name: 'nobody' } },
    objectSelector: { matchLabels: { [markerLabel]: String(index) } },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    rules: podRules,
  };
}

function podWith(labels: Readonly<Record<string, string>>): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'web-', labels },
    spec: { containers: [{ name: 'app', image: 'registry.example.com/web:1' }] },
  };
}

/** What the answer says, where it says something. */
function messageOf(body: unknown): string {
  return stringIn(body, 'message') ?? '';
}

describeWithCluster('what the API server does with webhooks', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ crds: false });
  }, startDeadlineMilliseconds);
  afterAll(() => cluster?.stop(), startDeadlineMilliseconds);

  async function dryRun(example: Example): Promise<readonly string[]> {
    const said: string[] = [];
    for (const { path, body } of configurations(example)) {
      const answer = await cluster.api.send('POST', `${path}?dryRun=All`, body);
      said.push(answer.status < 400 ? 'accepted' : messageOf(answer.body));
    }
    return said;
  }

  /** Waits until the API server goes by so many new configurations, or by none of them any more. */
  async function waitUntilHeeded(count: number, isHeeded: boolean): Promise<void> {
    const path = '/api/v1/namespaces/default/pods?dryRun=All';
    for (let index = 0; index < count; index += 1) {
      await waitFor('the API server noticing a configuration', noticeMilliseconds, async () => {
        const { body } = await cluster.api.send(
          'POST',
          path,
          podWith({ [markerLabel]: String(index) }),
        );
        return messageOf(body).includes(markerName(index)) === isHeeded ? true : undefined;
      });
    }
  }

  /** Creates a Pod in a new namespace while an example's webhooks are installed. */
  async function createPod(
    example: Example,
    namespace: string,
    labels: Readonly<Record<string, string>>,
    podLabels: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    await cluster.createNamespace(namespace, labels);
    const installed = configurations(example);
    for (const [index, { path, body }] of installed.entries()) {
      const webhooks = [marker(index), ...listIn(body, 'webhooks')];
      await cluster.api.must('POST', path, { ...body, webhooks });
    }
    await waitUntilHeeded(installed.length, true);
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const answer = await cluster.api.send('POST', pods, podWith(podLabels));
    for (const { path, body } of installed) {
      await cluster.api.must('DELETE', `${path}/${stringIn(body, 'metadata', 'name') ?? ''}`);
    }
    await waitUntilHeeded(installed.length, false);
    return answer.status < 400 ? 'created' : messageOf(answer.body);
  }

  test.each([
    [
      'Neither a url nor a service',
      /exactly one of url or service is required|host must be specified/u,
    ],
    [
      'A url that API servers refuse',
      /'https' is the only allowed URL scheme|user information is not permitted/u,
    ],
    [
      'No URL at all, and one with a query',
      /'https' is the only allowed URL scheme|query parameters are not permitted/u,
    ],
    ['A url beside a Service', /exactly one of url or service is required/u],
  ])('%s: refused', async (name, reason) => {
    const said = await dryRun(named(injectorReachableExamples, name));
    expect(said.length).toBeGreaterThan(0);
    for (const message of said) {
      expect(message).toMatch(reason);
    }
  });

  test.each([
    'The webhooks of istiod’s chart, whose validator starts as Ignore',
    'An istiod elsewhere, by name',
    'An address in place of a name',
    'The name of a Service in a url',
    'A path that istiod does not serve',
    'The Service of a revision that is gone',
  ])('%s: accepted', async (name) => {
    const said = await dryRun(named(injectorReachableExamples, name));
    expect(new Set(said)).toEqual(new Set(['accepted']));
  });

  test('without its Service an injector that fails closed stops Pods', async () => {
    const example = named(injectorReachableExamples, 'The Service of a revision that is gone');
    const said = await createPod(example, 'closed', { 'istio.io/rev': 'default' });
    expect(said).toMatch(/failed calling webhook.*service "istiod-1-29" not found/su);
  });

  test('without its Service an injector that fails open lets Pods start as they are', async () => {
    const example = named(injectorReachableExamples, 'An injector that fails open');
    expect(await createPod(example, 'open', { 'istio.io/rev': 'default' })).toBe('created');
  });

  test('a revision that is installed is asked, one that is gone is not', async () => {
    const example = named(distinctRevisionsExamples, 'A namespace of a revision that is gone');
    expect(await createPod(example, 'asked', { 'istio.io/rev': '1-31' })).toMatch(/istiod-1-31/u);
    expect(await createPod(example, 'gone', { 'istio.io/rev': '1-29' })).toBe('created');
  });

  test('istio-injection keeps revisions from being asked, whatever istio.io/rev says', async () => {
    const example = named(distinctRevisionsExamples, 'istio-injection without a default revision');
    const both = { 'istio-injection': 'enabled', 'istio.io/rev': '1-31' };
    expect(await createPod(example, 'switched', { 'istio-injection': 'enabled' })).toBe('created');
    expect(await createPod(example, 'both', both)).toBe('created');
  });

  test('the revision of a Pod is read only where its namespace has no label', async () => {
    const example = named(
      distinctRevisionsExamples,
      'A Pod that chooses another revision than its namespace',
    );
    const pod = { 'istio.io/rev': '1-31' };
    const said = await createPod(example, 'chosen', { 'istio.io/rev': '1-30' }, pod);
    expect(said).toMatch(/istiod-1-30/u);
    expect(await createPod(example, 'free', {}, pod)).toMatch(/istiod-1-31/u);
  });

  test('a Pod that asks for a sidecar asks the default revision', async () => {
    const example = named(
      distinctRevisionsExamples,
      'A Pod that asks without naming a revision, where there is no default one',
    );
    const pod = { 'sidecar.istio.io/inject': 'true' };
    expect(await createPod(example, 'asking', {}, pod)).toBe('created');
  });
});
