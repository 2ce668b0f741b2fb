import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DoctorReport } from '../../cli/doctor/report.ts';
import { runDoctor } from '../../cli/doctor/run-doctor.ts';
import { mutatingName, validatingName } from '../../webhooks/registration/registration.ts';
import { chartObjects } from '../support/chart.ts';
import { createObjects } from '../support/cluster/chart-objects.ts';
import { startGate, type Gate } from '../support/cluster/gate.ts';
import { createKubeConfig } from '../support/cluster/kubeconfig.ts';
import { createAuthority } from '../support/cluster/certificates.ts';
import { pod } from '../support/cluster/objects.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithCluster } from '../support/describe.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const startDeadlineMilliseconds = 240_000;
const registrations = '/apis/admissionregistration.k8s.io/v1';
const mutatingPath = `${registrations}/mutatingwebhookconfigurations/${mutatingName}`;
const validatingPath = `${registrations}/validatingwebhookconfigurations/${validatingName}`;
const mergePatch = { 'content-type': 'application/merge-patch+json' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };

interface PodList {
  readonly items: readonly { readonly metadata: { readonly name: string } }[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly string[];
}

describeWithCluster('meshgate doctor at a real API server', () => {
  let cluster: Cluster;
  let gate: Gate;

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.createNamespace('istio-system');
    await createObjects(cluster, await chartObjects());
    gate = await startGate(cluster);
    await gate.waitUntilReady();
    await gate.register();
    const certificate = readFileSync(join(cluster.processes.folder, 'serving.pem'));
    await cluster.api.must(
      'PATCH',
      '/api/v1/namespaces/meshgate-system/secrets/meshgate-tls',
      { data: { 'tls.crt': certificate.toString('base64') } },
      mergePatch,
    );
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await cluster?.stop();
  }, startDeadlineMilliseconds);

  function doctor(...args: readonly string[]): Promise<CliRun> {
    return runCli(['doctor', '--kubeconfig', cluster.kubeconfigPath, ...args], {
      folder: temporaryFolder(),
    });
  }

  async function say(
    check: string,
    namespace = 'meshgate-system',
    kubeconfig = cluster.kubeconfigPath,
  ): Promise<readonly string[]> {
    let out = '';
    const terminal = {
      out: (text: string) => (out += text),
      err: () => undefined,
      outIsTerminal: false,
      errIsTerminal: false,
      noColour: true,
      readInput: () => Promise.resolve(Buffer.alloc(0)),
      now: Date.now,
    };
    await runDoctor({ namespace, kubeconfig, output: 'json' }, terminal);
    const { diagnoses } = JSON.parse(out) as DoctorReport;
    return diagnoses
      .filter((diagnosis) => diagnosis.check === check)
      .map(({ level, message }) => `${level}: ${message}`);
  }

  /** What a check says while something is changed, and that it is content again when the change is undone. */
  async function sayWhile(
    check: string,
    path: string,
    change: readonly unknown[],
    undo: readonly unknown[],
  ): Promise<readonly string[]> {
    await cluster.api.must('PATCH', path, change, jsonPatch);
    const said = await say(check);
    await cluster.api.must('PATCH', path, undo, jsonPatch);
    return said;
  }

  test('its Pods are admitted where Pod Security "restricted" is enforced', async () => {
    const pods = '/api/v1/namespaces/meshgate-system/pods';
    const { items } = await waitFor('two Pods being made', 60_000, async () => {
      const list = (await cluster.api.must('GET', pods)) as PodList;
      return list.items.length === 2 ? list : undefined;
    });

    expect(items.every(({ metadata }) => metadata.name.startsWith('meshgate-'))).toBe(true);
    expect(await cluster.api.must('GET', '/api/v1/namespaces/meshgate-system')).toHaveProperty(
      ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'],
      'restricted',
    );
  });

  test('text names each check, what is wrong and what to do; Pods that do not run are wrong', async () => {
    const run = await doctor();

    expect(run.code).toBe(1);
    expect(run.out).toMatch(/^problem +deployment +0 of 2 Pods are ready/mu);
    expect(run.out).toMatch(/^ +-> See kubectl describe/mu);
    expect(run.out).toMatch(/^problem +lease +No Pod holds the Lease/mu);
    expect(run.out).toMatch(/^ok +reachability +https:\/\/127\.0\.0\.1:\d+ answer/mu);
    expect(run.out).toMatch(/^ok +rights /mu);
    expect(run.out).toMatch(/^ok +registration /mu);
    expect(run.out).toMatch(/^notice +certificate +The serving certificate ends in 0 days/mu);
    expect(run.out).toMatch(/^ok +failed-open /mu);
    expect(run.out).toMatch(/^ok +staleness /mu);
  });

  test('an injector that is called first', async () => {
    const clientConfig = {
      service: { name: 'istiod', namespace: 'istio-system', path: '/inject/a' },
    };
    const name = '00-istio-canary';
    await cluster.api.must('POST', `${registrations}/mutatingwebhookconfigurations`, {
      metadata: { name },
      webhooks: [
        {
          name: 'object.sidecar-injector.istio.io',
          clientConfig,
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          admissionReviewVersions: ['v1'],
          objectSelector: { matchLabels: { never: 'matched' } },
          rules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          ],
        },
      ],
    });
    const said = await say('injector-order');
    await cluster.api.must('DELETE', `${registrations}/mutatingwebhookconfigurations/${name}`);

    expect(said).toEqual([
      `problem: The injector ${name} is called before ${mutatingName}, so it does not see what is filled in on a Pod.`,
    ]);
    expect(await say('injector-order')).toEqual([expect.stringContaining('No injector of Istio')]);
  });

  test('an authority that did not issue the certificate, and none', async () => {
    const configuration = (await cluster.api.must('GET', validatingPath)) as {
      readonly webhooks: readonly { readonly clientConfig: { readonly caBundle: string } }[];
    };
    const right = configuration.webhooks[0]?.clientConfig.caBundle;
    const wrong = Buffer.from((await createAuthority('another')).pem).toString('base64');
    const path = '/webhooks/0/clientConfig/caBundle';
    const said = await sayWhile(
      'certificate',
      validatingPath,
      [{ op: 'replace', path, value: wrong }],
      [{ op: 'replace', path, value: right }],
    );

    expect(said).toContain(
      'problem: No authority in the caBundle of workloads.meshgate.dev issued the serving certificate, so every new connection fails.',
    );
    expect(await say('certificate')).not.toContainEqual(expect.stringMatching(/^problem/u));
  });

  test('a failure policy that would keep every Pod from starting', async () => {
    const path = '/webhooks/0/failurePolicy';
    const said = await sayWhile(
      'failure-policy',
      mutatingPath,
      [{ op: 'replace', path, value: 'Fail' }],
      [{ op: 'replace', path, value: 'Ignore' }],
    );
    const closed = await sayWhile(
      'failure-policy',
      validatingPath,
      [{ op: 'replace', path, value: 'Fail' }],
      [{ op: 'replace', path, value: 'Ignore' }],
    );

    expect(said).toEqual([
      expect.stringMatching(/^problem: 00-meshgate-mutating has failurePolicy/u),
    ]);
    expect(closed).toEqual([expect.stringMatching(/^problem: .*1 of 1 replicas are ready/u)]);
  });

  test('a configuration that somebody opened to system namespaces', async () => {
    const path = '/webhooks/0/namespaceSelector/matchExpressions';
    const { webhooks } = (await cluster.api.must('GET', validatingPath)) as {
      readonly webhooks: readonly { readonly namespaceSelector: { matchExpressions: unknown } }[];
    };
    const said = await sayWhile(
      'registration',
      validatingPath,
      [{ op: 'replace', path, value: [] }],
      [{ op: 'replace', path, value: webhooks[0]?.namespaceSelector.matchExpressions }],
    );

    expect(said).toEqual([
      expect.stringMatching(
        /^problem: .*kube-system, kube-public, kube-node-lease, meshgate-system/u,
      ),
    ]);
  });

  /** Waits until the authorizer, which hears of a changed role some moments later, decides so. */
  async function untilAllowed(
    group: string,
    { verbs: [verb], resources: [resource] }: Rule,
    isAllowed: boolean,
  ): Promise<void> {
    const user = 'system:serviceaccount:meshgate-system:meshgate';
    const review = { spec: { user, resourceAttributes: { verb, group, resource } } };
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    await waitFor('the role being heeded', 60_000, async () => {
      const { status } = (await cluster.api.must('POST', path, review)) as {
        readonly status: { readonly allowed: boolean };
      };
      return status.allowed === isAllowed ? true : undefined;
    });
  }

  /** What is said of rights while the ClusterRole is without its rule of an API group. */
  async function sayWithout(group: string): Promise<readonly string[]> {
    const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/meshgate';
    const { rules } = (await cluster.api.must('GET', path)) as { readonly rules: readonly Rule[] };
    const rule = rules.find(({ apiGroups }) => apiGroups.includes(group));
    if (rule === undefined) throw new Error(`there is no rule of ${group}`);
    const at = `/rules/${rules.indexOf(rule)}`;
    await cluster.api.must('PATCH', path, [{ op: 'remove', path: at }], jsonPatch);
    await untilAllowed(group, rule, false);
    const said = await say('rights');
    await cluster.api.must('PATCH', path, [{ op: 'add', path: at, value: rule }], jsonPatch);
    await untilAllowed(group, rule, true);
    return said;
  }

  test('rights that are missing, those of the audit too', async () => {
    expect(await sayWithout('events.k8s.io')).toEqual([
      'problem: Its ServiceAccount may not create events.events.k8s.io.',
      'problem: Its ServiceAccount may not patch events.events.k8s.io.',
    ]);
    const said = await sayWithout('networking.istio.io');
    expect(said).toContain(
      'problem: Its ServiceAccount may not list destinationrules.networking.istio.io.',
    );
    expect(said.every((text) => text.includes('networking.istio.io'))).toBe(true);
    expect(await say('rights')).toEqual(['ok: Its ServiceAccount has every right that it needs.']);
  });

  test('a fill that somebody changed, and another engine that names the same field', async () => {
    await cluster.createNamespace('shop');
    const filled = JSON.stringify([
      { policy: 'drain/grace-covers-ttl', at: '/spec/terminationGracePeriodSeconds', value: 130 },
    ]);
    const body = pod('changed', { annotations: { 'meshgate.dev/filled': filled } });
    await cluster.api.must('POST', '/api/v1/namespaces/shop/pods', body);
    await cluster.api.must('POST', `${registrations}/mutatingadmissionpolicies`, {
      metadata: { name: 'short-grace' },
      spec: {
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
          ],
        },
        mutations: [
          {
            patchType: 'ApplyConfiguration',
            applyConfiguration: {
              expression: 'Object{spec: Object.spec{terminationGracePeriodSeconds: 30}}',
            },
          },
        ],
      },
    });

    expect(await say('other-mutators')).toEqual([
      'problem: Something changed what was filled in: /spec/terminationGracePeriodSeconds of shop/changed.',
      'notice: MutatingAdmissionPolicy short-grace names a field that meshgate fills in.',
    ]);
  });

  test('a user without rights is told what could not be told, and which right is missing', async () => {
    const stranger = await cluster.authority.issue({ commonName: 'stranger' });
    const file = join(cluster.processes.folder, 'stranger.json');
    const config = createKubeConfig(cluster.url, cluster.caPem, stranger);
    writeFileSync(file, config.exportConfig(), { mode: 0o600 });
    const run = await runCli(['doctor', '--kubeconfig', file], { folder: temporaryFolder() });

    expect(run.out).toMatch(/^unknown +registration /mu);
    expect(run.out).toMatch(/^unknown +rights /mu);
    expect(run.out).toContain('-> Let this user list mutatingwebhookconfigurations.');
    expect(run.out).not.toContain('BEGIN');
  });

  test('another namespace has no Deployment; no cluster is bad usage', async () => {
    expect(await say('deployment', 'shop')).toEqual([
      'problem: The namespace shop has no Deployment labelled app.kubernetes.io/name=meshgate.',
    ]);
    expect((await doctor('--kubeconfig', '/nowhere')).code).toBe(2);
  });

  test('what a gate that is gone looks like, and what passed meanwhile', async () => {
    await gate.stop();
    await cluster.api.must('POST', '/api/v1/namespaces/shop/pods?dryRun=All', pod('unjudged'));

    expect(await say('reachability')).toEqual([
      expect.stringMatching(/^problem: https:.* does not answer: .*ECONNREFUSED/u),
    ]);
    expect(await say('failed-open')).toEqual([
      expect.stringMatching(/^notice: This API server let [1-9]\d* requests pass unjudged/u),
    ]);
    const { body } = await cluster.api.send('GET', '/metrics');
    expect(String(body)).toMatch(
      /^apiserver_admission_webhook_fail_open_count\{name="fill\.meshgate\.dev",/mu,
    );
  });
});
