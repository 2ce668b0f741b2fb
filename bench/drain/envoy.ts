import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bootstrap } from './bootstrap.ts';

/** A running Envoy. */
export interface Envoy {
  /** The port that a listener got. */
  port(listener: string): number;
  /** What Istio's agent asks of a sidecar when termination begins. */
  drain(): Promise<void>;
  /** Sends SIGKILL at once; resolves when the process is gone. */
  stop(): Promise<void>;
}

const readyDeadlineMilliseconds = 20_000;
const pollMilliseconds = 50;
const running = new Set<ChildProcess>();

process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(1));
}

/** The version that an Envoy prints of itself, such as `1.40.0`; undefined where there is no such program. */
export function envoyVersion(program: string): string | undefined {
  try {
    const printed = execFileSync(program, ['--version'], { encoding: 'utf8' });
    return /\/(\d+\.\d+\.\d+)\//u.exec(printed)?.[1];
  } catch {
    return undefined;
  }
}

/** Starts an Envoy with the drain options of Istio's agent, and waits for its listeners; `admin` is its admin socket. */
export async function startEnvoy(
  program: string,
  config: Bootstrap,
  admin: string,
): Promise<Envoy> {
  const args = ['--config-yaml', JSON.stringify(config), '--concurrency', '1'];
  args.push('--disable-hot-restart', '--drain-time-s', '45', '--drain-strategy', 'immediate');
  const child = spawn(program, [...args, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.add(child);
  const gone = once(child, 'exit').then(() => running.delete(child));
  const ports = await listenerPorts(child, admin);
  return {
    port(listener) {
      const port = ports.get(listener);
      if (port === undefined) throw new Error(`Envoy has no listener ${listener}`);
      return port;
    },
    async drain() {
      await ask(admin, 'POST', '/drain_listeners?inboundonly&graceful');
    },
    async stop() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Ends every Envoy that still runs. */
function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

async function listenerPorts(
  child: ChildProcess,
  admin: string,
): Promise<ReadonlyMap<string, number>> {
  const deadline = performance.now() + readyDeadlineMilliseconds;
  while (performance.now() < deadline && child.exitCode === null) {
    await sleep(pollMilliseconds);
    const ready = await ask(admin, 'GET', '/ready').catch(() => undefined);
    if (ready?.trim() !== 'LIVE') continue;
    const { listener_statuses: statuses } = JSON.parse(
      await ask(admin, 'GET', '/listeners?format=json'),
    ) as ListenerStatuses;
    return new Map(
      statuses.map(({ name, local_address: address }) => [name, address.socket_address.port_value]),
    );
  }
  child.kill('SIGKILL');
  throw new Error('Envoy did not get ready; what it complained of stands above');
}

interface ListenerStatuses {
  readonly listener_statuses: readonly {
    readonly name: string;
    readonly local_address: { readonly socket_address: { readonly port_value: number } };
  }[];
}

function ask(socketPath: string, method: string, path: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({ socketPath, method, path, agent: false }, (answer) => {
    const chunks: string[] = [];
    answer.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
    answer.once('end', () => {
      if (answer.statusCode === 200) resolve(chunks.join(''));
      else reject(new Error(`Envoy answers ${String(answer.statusCode)} to ${method} ${path}`));
    });
  });
  asked.once('error', reject);
  asked.end();
  return promise;
}
