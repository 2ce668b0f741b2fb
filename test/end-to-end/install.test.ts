import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mutatingName, validatingName } from '../../webhooks/registration/registration.ts';
import { releaseNamespace, startInstallationPlace } from '../support/cluster/installation.ts';
import type { InstallationPlace } from '../support/cluster/installation.ts';
import { deployment, pod, rule, service } from '../support/cluster/objects.ts';
import { readGivenUp } from '../support/cluster/review-load.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithClusterAnd } from '../support/describe.ts';
import { chartAlerts, dashboardQueries, documentedName } from '../support/monitoring.ts';
import { missingPrograms } from '../support/programs.ts';
import { readQuery } from '../support/promql.ts';

const startDeadlineMilliseconds = 240_000;
const stepDeadlineMilliseconds = 180_000;
const eventDeadlineMilliseconds = 60_000;
const pauseMilliseconds = 20;
const chart = `deploy/charts/meshgate --namespace ${releaseNamespace}`;
const registrations = '/apis/admissionregistration.k8s.io/v1';
const configurations = [
  `${registrations}/mutatingwebhookconfigurations/${mutatingName}`,
  `${registrations}/validatingwebhookconfigurations/${validatingName}`,
];
const pods = `/api/v1/namespaces/${releaseNamespace}/pods`;

interface Named {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly unknown[];
  };
}

/** The names of the metrics that a Pod behind a port gives. */
async function scrape(port: number): Promise<ReadonlySet<string>> {
  const options = { port, host: '127.0.0.1', path: '/metrics', rejectUnauthorized: false };
  const sent = request({ ...options, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return new Set(
    [...(await text(response)).matchAll(/^# TYPE (\w+) /gmu)].map(([, name = '']) => name),
  );
}

/** Does something again and again; what it gave comes when it is stopped. */
function constantly<T>(work: () => Promise<T>): { stop(): Promise<readonly T[]> } {
  const over = new AbortController();
  const given: T[] = [];
  const working = (async () => {
    while (!over.signal.aborted) {
      given.push(await work());
      await sleep(pauseMilliseconds);
    }
  })();
  return {
    async stop() {
      over.abort();
      await working;
      return given;
    },
  };
}

/** Everything that a release may leave behind, with the label that all of it carries. */
const kindsOfRelease = [
  'deployments,services,serviceaccounts,secrets,leases,configmaps,roles,rolebindings,networkpolicies,poddisruptionbudgets',
  'clusterroles,clusterrolebindings,mutatingwebhookconfigurations,validatingwebhookconfigurations',
];

/** One after the other, as an operator goes: each test goes on where the one before ended. */
describeWithClusterAnd(missingPrograms('helm', 'kubectl'), 'the chart in a cluster', () => {
  let place: InstallationPlace;

  beforeAll(async () => {
    place = await startInstallationPlace({
      policies: { 'drain/grace-covers-ttl': { mode: { admission: 'enforce' } } },
    });
    const { cluster } = place;
    await cluster.createNamespace('shop', { 'istio-injection': 'enabled' });
    await cluster.api.must('POST', '/api/v1/namespaces/shop/services', service('ledger'));
    await cluster.api.must(
      'POST',
      '/apis/networking.istio.io/v1/namespaces/shop/destinationrules',
      rule('ledger', 'shop', '60s'),
    );
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await place?.stop();
  }, startDeadlineMilliseconds);

  /** The status of a Deployment that declares too little drain, as a dry run. */
  async function statusOfWrong(): Promise<number> {
    const body = deployment('wrong', { app: 'ledger', drain: '20s', graceSeconds: 40 });
    const path = '/apis/apps/v1/namespaces/shop/deployments?dryRun=All';
    return (await place.cluster.api.send('POST', path, body)).status;
  }

  async function waitForStatus(wanted: number): Promise<void> {
    await waitFor(`status ${wanted}`, eventDeadlineMilliseconds, async () =>
      (await statusOfWrong()) === wanted ? true : undefined,
    );
  }

  async function podNames(): Promise<readonly string[]> {
    const list = (await place.cluster.api.must('GET', pods)) as {
      readonly items: readonly Named[];
    };
    return list.items.map(({ metadata }) => metadata.name).toSorted();
  }

  function logs(): string {
    return [...place.node.logs().values()].join('\n');
  }

  test(
    'Helm installs it, its Pods get ready, and it registers itself, owned by the release',
    async () => {
      await place.must(`helm install meshgate ${chart} --create-namespace --wait --timeout 150s`);
      await waitForStatus(403);
      const owners = await Promise.all(
        configurations.map(async (path) => (await place.cluster.api.must('GET', path)) as Named),
      );

      expect(owners.map(({ metadata }) => metadata.ownerReferences)).toEqual(
        configurations.map(() => [
          expect.objectContaining({ kind: 'ClusterRole', name: 'meshgate' }),
        ]),
      );
    },
    stepDeadlineMilliseconds,
  );

  test('Pods are filled in, and what declares enough passes', async () => {
    const path = '/api/v1/namespaces/shop/pods?dryRun=All';
    const made = (await place.cluster.api.must(
      'POST',
      path,
      pod('bare', { app: 'ledger' }),
    )) as Named;
    const enough = deployment('right', { app: 'ledger', drain: '120s', graceSeconds: 140 });
    const deployments = '/apis/apps/v1/namespaces/shop/deployments?dryRun=All';

    expect(made.metadata.annotations).toHaveProperty(['meshgate.dev/filled']);
    expect((await place.cluster.api.send('POST', deployments, enough)).status).toBe(201);
  });

  test('the rights of the chart are enough, and the doctor finds nothing wrong', async () => {
    // What it sees right after a change takes a moment to be well.
    let report = '';
    await waitFor('the doctor being content', eventDeadlineMilliseconds, async () => {
      report = (await place.shell('meshgate doctor')).output;
      return /^(?:problem|unknown)/mu.test(report) ? undefined : true;
    }).catch(() => undefined);

    expect(report).not.toMatch(/^(?:problem|unknown)/mu);
    expect(report).toMatch(/^ok/mu);
    expect(logs()).not.toMatch(/forbidden|answered 403/u);
  });

  test('every metric of the alerts and of the dashboard is in a scrape', async () => {
    const scraped = await scrape(place.balancer.port);
    const asked = [...chartAlerts().map(({ expr }) => expr), ...dashboardQueries()].flatMap(
      (query) => readQuery(query).metrics.map(documentedName),
    );

    // The API server's own is there once it has counted.
    const missing = asked.filter((name) => !scraped.has(name) && !name.startsWith('apiserver_'));

    expect(missing).toEqual([]);
  });

  test(
    'a new configuration is taken up without a restart',
    async () => {
      const before = await podNames();
      const set = 'config.policies.drain/grace-covers-ttl.mode.admission=warn';
      await place.must(`helm upgrade meshgate ${chart} --reuse-values --set ${set}`);
      await waitForStatus(201);

      expect(await podNames()).toEqual(before);
      const back = 'config.policies.drain/grace-covers-ttl.mode.admission=enforce';
      await place.must(`helm upgrade meshgate ${chart} --reuse-values --set ${back}`);
      await waitForStatus(403);
    },
    stepDeadlineMilliseconds,
  );

  test(
    'an upgrade replaces every Pod without a review that is lost or wrong',
    async () => {
      const before = await podNames();
      const logged = place.cluster.apiServerLog().length;
      const load = constantly(statusOfWrong);
      await place.must(
        `helm upgrade meshgate ${chart} --reuse-values --set podAnnotations.rolled=once --wait --timeout 150s`,
      );
      await waitFor('the old Pods being gone', eventDeadlineMilliseconds, async () =>
        (await podNames()).some((name) => before.includes(name)) ? undefined : true,
      );
      const statuses = await load.stop();

      // On a machine with too much to do a call may be late; the policy decides on that one.
      const { late } = readGivenUp(place.cluster.apiServerLog().slice(logged));
      const passed = statuses.filter((status) => status !== 403);
      expect(passed.length <= late ? [] : passed).toEqual([]);
      expect(statuses.length).toBeGreaterThan(20);
    },
    stepDeadlineMilliseconds,
  );

  test(
    'uninstalling leaves nothing behind, and blocks nothing meanwhile',
    async () => {
      const load = constantly(async () => {
        const right = deployment('right', { app: 'ledger', drain: '120s', graceSeconds: 140 });
        const path = '/apis/apps/v1/namespaces/shop/deployments?dryRun=All';
        return (await place.cluster.api.send('POST', path, right)).status;
      });
      await place.must(`helm uninstall meshgate --namespace ${releaseNamespace} --wait`);
      const left = await waitFor('everything being gone', eventDeadlineMilliseconds, async () => {
        const found = await Promise.all(
          kindsOfRelease.map((kinds) =>
            place.must(`kubectl get ${kinds} -A -l app.kubernetes.io/name=meshgate -o name`),
          ),
        );
        return found.join('') === '' ? found : undefined;
      });
      const statuses = await load.stop();

      expect(left.join('')).toBe('');
      expect(statuses.filter((status) => status !== 201)).toEqual([]);
      expect(await statusOfWrong()).toBe(201);
      const state = await place.must(`kubectl -n ${releaseNamespace} get secrets,leases -o name`);
      expect(state).not.toContain('meshgate');
    },
    stepDeadlineMilliseconds,
  );
});
