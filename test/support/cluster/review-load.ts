import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiAnswer } from './api.ts';
import { deployment, pod, rule, service } from './objects.ts';
import type { Cluster } from './start.ts';

/** What a load has seen so far. */
export interface LoadCounts {
  /** Requests of the API server's client, of which each is one review or two. */
  requests: number;
  /** Answers that are no verdict: the API server could not ask, or the client not the API server. */
  failed: number;
  /** Objects that were let through or refused against the policies, and Pods that were not filled in. */
  wrong: number;
  /** Calls that the API server gave up: for want of time, as on a machine with too much to do, and for other reasons. */
  late: number;
  lost: number;
  /** What the first of them said. */
  readonly problems: string[];
}

/** A constant load of dry runs, half of Pods that must be filled in, half of Deployments that must be denied. */
export interface Load {
  readonly counts: LoadCounts;
  stop(): Promise<LoadCounts>;
}

const loadNamespace = 'shop';

/** The policies that the load goes by, as text of `meshgate.yaml`. */
export const loadConfig = `apiVersion: meshgate.dev/v1alpha1
kind: MeshgateConfig
mesh:
  istioVersion: '1.31'
  nativeSidecars: false
policies:
  drain/grace-covers-ttl:
    mode: { admission: enforce }
  drain/fits-grace-period:
    mode: { admission: enforce }
`;

const shownProblems = 5;
/** A load of fewer requests says nothing, so it goes on until there are as many, on however slow a machine. */
export const fewestRequests = 12;

/** Makes what the load's objects are judged by. */
export async function prepareLoad(cluster: Cluster): Promise<void> {
  await cluster.createNamespace(loadNamespace, { 'istio-injection': 'enabled' });
  const services = `/api/v1/namespaces/${loadNamespace}/services`;
  await cluster.api.must('POST', services, service('ledger'));
  const rules = `/apis/networking.istio.io/v1/namespaces/${loadNamespace}/destinationrules`;
  await cluster.api.must('POST', rules, rule('ledger', loadNamespace, '60s'));
}

/** Starts so many clients, each with one request after another. */
export function startLoad(
  cluster: Cluster,
  clients: number,
  judge: (answer: ApiAnswer, isBad: boolean) => string | undefined = judgeStrictly,
): Load {
  const counts: LoadCounts = { requests: 0, failed: 0, wrong: 0, late: 0, lost: 0, problems: [] };
  const stopping = new AbortController();

  function note(kind: 'failed' | 'wrong', problem: string): void {
    counts[kind] += 1;
    if (counts.problems.length < shownProblems) counts.problems.push(`${kind}: ${problem}`);
  }
  async function one(name: string, isBad: boolean): Promise<void> {
    counts.requests += 1;
    try {
      const answer = await ask(cluster, name, isBad);
      const isUnasked = answer.status >= 500 || answer.status === 429;
      const problem = isUnasked ? undefined : judge(answer, isBad);
      if (isUnasked) note('failed', JSON.stringify(answer.body).slice(0, 300));
      else if (problem !== undefined) note('wrong', problem);
    } catch (error) {
      note('failed', String(error));
    }
  }
  async function run(client: number): Promise<void> {
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      await one(`load-${client}-${turn}`, turn % 2 === 1);
      await delay(5);
    }
  }

  const before = cluster.apiServerLog().length;
  const running = Array.from({ length: clients }, (_, client) => run(client));
  return {
    counts,
    async stop() {
      while (counts.requests < fewestRequests) await delay(100);
      stopping.abort();
      await Promise.all(running);
      const { late, lost } = readGivenUp(cluster.apiServerLog().slice(before));
      counts.late += late;
      counts.lost += lost.length;
      counts.problems.push(...lost.map((line) => `lost: ${line.slice(0, 400)}`));
      return counts;
    },
  };
}

/** The only right verdict while both policies are in mode enforce. */
export function judgeStrictly({ status, body }: ApiAnswer, isBad: boolean): string | undefined {
  const text = JSON.stringify(body);
  if (isBad) {
    const isDenied = status === 403 && text.includes('breaks mesh policy');
    return isDenied ? undefined : `a bad Deployment got ${status}: ${text.slice(0, 300)}`;
  }
  const isFilled = status === 201 && text.includes('meshgate.dev/filled');
  return isFilled ? undefined : `a Pod got ${status}: ${text.slice(0, 300)}`;
}

/** Calls of webhooks that an API server gave up, as its log has it: those for want of time, and the lines of others. */
export function readGivenUp(log: string): {
  readonly late: number;
  readonly lost: readonly string[];
} {
  const lines = log.split('\n').filter((line) => /failing (?:open|closed)/u.test(line));
  const lost = lines.filter((line) => !/deadline exceeded|Timeout exceeded/u.test(line));
  return { late: lines.length - lost.length, lost };
}

/** Has every answer of every server in this process ask for a new connection. Returns what ends it. */
export function forceNewConnections(): () => void {
  const name = 'http.server.request.start';
  const close = (message: unknown): void => {
    const { request, response } = message as {
      readonly request: { readonly url?: string };
      readonly response: ServerResponse;
    };
    if (/^\/(?:mutate|validate)/u.test(request.url ?? '')) {
      response.setHeader('Connection', 'close');
    }
  };
  subscribe(name, close);
  return () => void unsubscribe(name, close);
}

function ask(cluster: Cluster, name: string, isBad: boolean): Promise<ApiAnswer> {
  const place = `namespaces/${loadNamespace}`;
  return isBad
    ? cluster.api.send(
        'POST',
        `/apis/apps/v1/${place}/deployments?dryRun=All`,
        deployment(name, { drain: '20s', graceSeconds: 40, app: 'ledger' }),
      )
    : cluster.api.send('POST', `/api/v1/${place}/pods?dryRun=All`, pod(name, { app: 'ledger' }));
}
