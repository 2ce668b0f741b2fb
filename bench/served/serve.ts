import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAuthority } from '../../test/support/cluster/certificates.ts';
import { readDockerfile } from '../../test/support/image.ts';
import { areCoresApart } from '../admission/processes.ts';
import type { ServedApi } from './api.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import type { ProcessState } from './process-state.ts';

/** `meshgate serve` as the image runs it, in a process of its own, which follows a cluster. */
export interface Served {
  readonly port: number;
  /** The authority that its clients trust, in PEM. */
  readonly ca: string;
  /** Collects garbage, and tells. */
  state(): Promise<ProcessState>;
  /** What `/readyz` says; undefined while nobody listens. */
  readiness(): Promise<{ readonly status: number; readonly text: string } | undefined>;
  hasEnded(): boolean;
  stop(): Promise<void>;
}

/** What to serve with. */
export interface ServedOptions {
  /** For certificates and the kubeconfig. */
  readonly folder: string;
  readonly api: ServedApi;
  readonly config?: string;
}

const teller = new URL('tell-process.ts', import.meta.url).href;
const program = fileURLToPath(new URL('../../bin/meshgate.mjs', import.meta.url));
const pollMilliseconds = 50;

/** Starts it on the first core; it is not ready yet. */
export async function startServed({ folder, api, config }: ServedOptions): Promise<Served> {
  const authority = await createAuthority('bench');
  const pair = await authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] });
  const files = {
    'tls.crt': pair.certificate,
    'tls.key': pair.key,
    kubeconfig: kubeconfigFor(api.port, api.ca),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
  }
  const port = await freePort();
  const child = start([
    'serve',
    `--port=${String(port)}`,
    '--shutdown-delay=0',
    `--tls-cert=${join(folder, 'tls.crt')}`,
    `--tls-key=${join(folder, 'tls.key')}`,
    `--kubeconfig=${join(folder, 'kubeconfig')}`,
    ...(config === undefined ? [] : [`--config=${config}`]),
  ]);
  return {
    port,
    ca: authority.pem,
    async state() {
      const told = once(child, 'message') as Promise<[ProcessState]>;
      child.send('state');
      return (await told)[0];
    },
    readiness: () => readiness(port, authority.pem),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Waits until it is ready, and returns the seconds. Rejects where it is not within so many. */
export async function untilReady(served: Served, limitSeconds: number): Promise<number> {
  const start = performance.now();
  for (;;) {
    const seconds = (performance.now() - start) / 1000;
    const answer = await served.readiness();
    if (answer?.status === 200) {
      return seconds;
    }
    if (served.hasEnded()) {
      throw new Error('meshgate serve ended before it was ready: is it built?');
    }
    if (seconds > limitSeconds) {
      throw new Error(`not ready after ${String(limitSeconds)} s: ${answer?.text ?? 'no answer'}`);
    }
    await delay(pollMilliseconds);
  }
}

function start(args: readonly string[]): ChildProcess {
  const flags = readDockerfile().entrypoint.filter((word) => word.startsWith('--'));
  const node = [process.execPath, ...flags, '--expose-gc', '--import', teller, program, ...args];
  const [command = '', ...others] = areCoresApart ? ['taskset', '-c', '0', ...node] : node;
  return spawn(command, others, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}

async function readiness(port: number, ca: string): ReturnType<Served['readiness']> {
  const request = get({ host: '127.0.0.1', port, path: '/readyz', ca, agent: false });
  try {
    const [response] = (await once(request, 'response')) as [
      Parameters<typeof text>[0] & { statusCode: number },
    ];
    return { status: response.statusCode, text: await text(response) };
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
