import type { AdmissionGate } from '../../webhooks/admission/request.ts';
import { createAuthority } from '../../test/support/cluster/certificates.ts';
import { applied } from './apply.ts';
import type { LoadResult } from './load.ts';
import { areCoresApart, runLoad, startServer, type MeasuredServer } from './processes.ts';
import { allDifferent, ofOneTemplate, podReview, services, type Pods } from './subject.ts';
import { printTable, type Sample } from './table.ts';

interface Contender {
  readonly name: string;
  readonly server: MeasuredServer;
  readonly gate: AdmissionGate;
  readonly pods: Pods;
  readonly body: string;
}

const rounds = 5;
const roundMilliseconds = 1_500;
// Long enough for every path to be compiled: what runs for days is not judged by its first seconds.
const warmUpMilliseconds = 6_000;
const connectionCounts = [1, 10];

/** Measures the admission gate against the floors, each server alone on one core, round by round in turn. */
export async function benchAdmission(): Promise<void> {
  const authority = await createAuthority('bench');
  const pair = await authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] });
  const task = { cert: pair.certificate, key: pair.key };
  const servers = {
    'bare https': await startServer('server-bare.ts', task),
    express: await startServer('server-express.ts', task),
    drain: await startServer('server-meshgate.ts', { ...task, topic: 'drain/' }),
    'all policies': await startServer('server-meshgate.ts', task),
  };
  const { pem } = authority;
  const contenders: readonly Contender[] = [
    await contender('bare https', servers['bare https'], 'mutate', ofOneTemplate, pem),
    await contender('express', servers.express, 'mutate', ofOneTemplate, pem),
    ...(await contendersOf('drain', servers.drain, pem)),
    ...(await contendersOf('all policies', servers['all policies'], pem)),
  ];
  process.stdout.write(
    `Pod review of ${String(contenders[0]?.body.length)} bytes, ${String(services)} services in the mesh, ` +
      `${String(rounds)} rounds of ${String(roundMilliseconds / 1000)} s, Node ${process.version}, ` +
      `${areCoresApart ? 'servers and load on a core each' : 'servers and load share the cores'}; ` +
      'log, metrics, scopes and exemptions in force\n\n',
  );
  for (const one of contenders) {
    await load(one, 10, pem, warmUpMilliseconds);
  }
  const samples: Sample[] = [];
  for (const connections of connectionCounts) {
    for (let round = 0; round < rounds; round += 1) {
      for (const one of contenders) {
        samples.push(await measure(one, connections, pem));
      }
    }
  }
  await Promise.all(Object.values(servers).map((server) => server.stop()));
  printTable(samples, 'bare https');
  process.stdout.write('\nPepr needs a cluster to read from: `-- created` compares with it.\n');
}

async function contendersOf(
  name: string,
  server: MeasuredServer,
  ca: string,
): Promise<readonly Contender[]> {
  const contenders: Contender[] = [];
  for (const gate of ['mutate', 'validate'] as const) {
    for (const pods of [ofOneTemplate, allDifferent]) {
      contenders.push(await contender(`${name}, ${gate}, ${pods.name}`, server, gate, pods, ca));
    }
  }
  return contenders;
}

/** What a server is asked; the validating gate gets the Pod with what the mutating gate filled in. */
async function contender(
  name: string,
  server: MeasuredServer,
  gate: AdmissionGate,
  pods: Pods,
  ca: string,
): Promise<Contender> {
  const one = { name, server, gate, pods, body: podReview(pods, gate) };
  if (gate === 'mutate') {
    return one;
  }
  const asked = { ...one, gate: 'mutate', body: podReview(pods, 'mutate') } as const;
  const { last } = await load(asked, 1, ca, 1);
  return { ...one, body: applied(one.body, last) };
}

function load(
  { server, gate, pods, body }: Contender,
  connections: number,
  ca: string,
  milliseconds: number,
): Promise<LoadResult> {
  const { port } = server;
  const { varied } = pods;
  return runLoad({ port, ca, path: `/${gate}`, body, varied, connections, milliseconds });
}

async function measure(one: Contender, connections: number, ca: string): Promise<Sample> {
  const { name, server } = one;
  const before = await server.cpuMicroseconds();
  const result = await load(one, connections, ca, roundMilliseconds);
  const used = (await server.cpuMicroseconds()) - before;
  if (result.failures > 0) {
    throw new Error(`${name} failed ${String(result.failures)} of ${String(result.requests)}`);
  }
  return {
    name,
    connections,
    requestsPerSecond: result.requests / result.seconds,
    cpuMilliseconds: used / 1000 / result.requests,
    p50Milliseconds: result.p50Milliseconds,
    p99Milliseconds: result.p99Milliseconds,
  };
}
