import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { requestFor, reviewOf } from '../../support/admission/fake-gate.ts';
import { send } from '../../support/admission/gate-server.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const main = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
const longestMilliseconds = 220_000;
let collector: Server | undefined;
let child: ChildProcess | undefined;

afterEach(() => {
  collector?.close();
  child?.kill('SIGKILL');
});

interface Collected {
  readonly address: string;
  readonly requests: { readonly path: string | undefined; readonly body: string }[];
}

async function collect(): Promise<Collected> {
  const requests: Collected['requests'] = [];
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      requests.push({ path: request.url, body });
      response.end('{}');
    });
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const address = collector.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { address: `http://127.0.0.1:${String(port)}`, requests };
}

/** Starts the command as a process, and gives the port that it says it took. */
async function serve(args: readonly string[]): Promise<number> {
  child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: longestMilliseconds,
    killSignal: 'SIGKILL',
  });
  if (child.stderr === null) {
    throw new Error('the log is not piped');
  }
  for await (const line of createInterface(child.stderr)) {
    const { msg, port } = JSON.parse(line) as { readonly msg: string; readonly port?: number };
    if (msg === 'listening' && port !== undefined) {
      child.stderr.resume();
      return port;
    }
  }
  throw new Error('it ended before it listened');
}

test('a review is a span at the collector that --otlp-endpoint names, sent at the latest when a signal ends the process', async () => {
  const folder = temporaryFolder();
  const authority = await createAuthority('serve command');
  const pair = await authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] });
  await writeFile(join(folder, 'tls.crt'), pair.certificate);
  await writeFile(join(folder, 'tls.key'), pair.key);
  await writeFile(
    join(folder, 'mesh.yaml'),
    'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n',
  );
  const { address, requests } = await collect();
  const port = await serve([
    '--host',
    '127.0.0.1',
    '--mesh',
    join(folder, 'mesh.yaml'),
    '--shutdown-delay',
    '0',
    '--tls-cert',
    join(folder, 'tls.crt'),
    '--tls-key',
    join(folder, 'tls.key'),
    '--otlp-endpoint',
    address,
  ]);
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'ledger', namespace: 'shop' },
    spec: { containers: [] },
  };
  const call = { host: '127.0.0.1', port, ca: authority.pem, method: 'POST', agent: false };
  const answer = await send({ ...call, path: '/mutate' }, reviewOf(requestFor(pod)));
  const ended = once(child as ChildProcess, 'exit');
  child?.kill('SIGTERM');

  expect(answer.status).toBe(200);
  expect(await ended).toEqual([0, null]);
  expect(requests.map(({ path }) => path)).toEqual(['/v1/traces']);
  expect(requests[0]?.body).toContain('admission mutate');
});
