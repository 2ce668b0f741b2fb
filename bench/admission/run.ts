import { createAuthority } from '../../test/support/cluster/certificates.ts';
import { applied } from './apply.ts';
import { areCoresApart, runLoad, startServer, type MeasuredServer } from './processes.ts';
import { podReview, services } from './subject.ts';
import { printTable, type Sample } from './table.ts';

interface Contender {
  readonly name: string;
  readonly server: MeasuredServer;
  readonly path: string;
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
  const [bare, express, drain, all] = await Promise.all([
    startServer('server-bare.ts', task),
    startServer('server-express.ts', task),
    startServer('server-meshgate.ts', { ...task, topic: 'drain/' }),
    startServer('server-meshgate.ts', task),
  ]);
  const body = podReview();
  const load = { ca: authority.pem, milliseconds: warmUpMilliseconds, connections: 10 };
  const first = await runLoad({ ...load, port: drain.port, path: '/mutate', body });
  const filled = applied(body, first.last);
  const contenders: readonly Contender[] = [
    { name: 'bare https', server: bare, path: '/mutate', body },
    { name: 'express', server: express, path: '/mutate', body },
    { name: 'drain, mutate', server: drain, path: '/mutate', body },
    { name: 'drain, validate', server: drain, path: '/validate', body: filled },
    { name: 'all policies, mutate', server: all, path: '/mutate', body },
    { name: 'all policies, validate', server: all, path: '/validate', body: filled },
  ];
  process.stdout.write(
    `Pod review of ${String(body.length)} bytes, ${String(services)} services in the mesh, ` +
      `${String(rounds)} rounds of ${String(roundMilliseconds / 1000)} s, Node ${process.version}, ` +
      `${areCoresApart ? 'servers and load on a core each' : 'servers and load share the cores'}\n\n`,
  );
  for (const { server, path, body } of contenders) {
    await runLoad({ ...load, port: server.port, path, body });
  }
  const samples: Sample[] = [];
  for (const connections of connectionCounts) {
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) {
        samples.push(await measure(contender, connections, authority.pem));
      }
    }
  }
  await Promise.all([bare, express, drain, all].map((server) => server.stop()));
  printTable(samples, 'bare https');
  process.stdout.write(
    '\nPepr 1.1.4 is not run: it needs a module built and a cluster to read from before it answers.\n',
  );
}

async function measure(
  { name, server, path, body }: Contender,
  connections: number,
  ca: string,
): Promise<Sample> {
  const before = await server.cpuMicroseconds();
  const result = await runLoad({
    port: server.port,
    ca,
    path,
    body,
    connections,
    milliseconds: roundMilliseconds,
  });
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
