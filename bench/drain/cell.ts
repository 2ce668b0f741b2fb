import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../test/support/random.ts';
import { startApplication, type Application } from './application.ts';
import { clientBootstrap, serverBootstrap } from './bootstrap.ts';
import type { DrainCase } from './cases.ts';
import { greetings, startClients, type Clients } from './clients.ts';
import { startEnvoy, type Envoy } from './envoy.ts';

/** What all cells of a run share. */
export interface Lab {
  /** Path of the Envoy. */
  readonly envoy: string;
  /** For the admin sockets. */
  readonly folder: string;
  readonly clients: number;
  readonly ttlMilliseconds: number;
}

/** One termination. */
export interface Cell {
  readonly drainCase: DrainCase;
  /** Life of the server after its deletion, in multiples of the TTL. */
  readonly servedRatio: number;
  /** Tells the cells of a run apart, and decides which client learns when. */
  readonly seed: number;
}

/** TTLs from the start to the deletion, so that connections are of all ages by then. */
export const warmUpRatio = 3;

const cutDeadlineMilliseconds = 5_000;

/** Runs one termination; the number of connections that were cut. */
export async function runCell(lab: Lab, cell: Cell): Promise<number> {
  const started: (Application | Envoy | Clients)[] = [];
  const keep = <Part extends Application | Envoy | Clients>(part: Part): Part => {
    started.push(part);
    return part;
  };
  const admin = (name: string): string => join(lab.folder, `${String(cell.seed)}-${name}`);
  try {
    const application = keep(await startApplication(greetings.terminating));
    const replacement = keep(await startApplication(greetings.replacement));
    const server = keep(
      await startEnvoy(
        lab.envoy,
        serverBootstrap(admin('server'), application.port),
        admin('server'),
      ),
    );
    const upstreams = { terminating: server.port('inbound'), replacement: replacement.port };
    const ttl = {
      milliseconds: cell.drainCase.hasTtl ? lab.ttlMilliseconds : undefined,
      jitter: cell.drainCase.jitter,
    };
    const proxy = keep(
      await startEnvoy(
        lab.envoy,
        clientBootstrap(admin('clients'), upstreams, ttl),
        admin('clients'),
      ),
    );
    const ports = {
      terminating: proxy.port('terminating'),
      replacement: proxy.port('replacement'),
    };
    // First connections over the mean life of one, or their ends would come in waves.
    const meanLife = lab.ttlMilliseconds * (1 + cell.drainCase.jitter / 2);
    const clients = keep(startClients(ports, placesOf(lab.clients, meanLife)));
    await sleep(warmUpRatio * lab.ttlMilliseconds);
    return await terminate(lab, cell, server, clients);
  } finally {
    for (const part of started.toReversed()) await part.stop();
  }
}

async function terminate(lab: Lab, cell: Cell, server: Envoy, clients: Clients): Promise<number> {
  const deleted = performance.now();
  const places = seededRandom(cell.seed).shuffle(placesOf(lab.clients, 1));
  for (const [client, place] of places.entries()) {
    const after = cell.drainCase.learnsAfter(place) * lab.ttlMilliseconds;
    if (after === 0) clients.learn(client);
    else setTimeout(() => clients.learn(client), after).unref();
  }
  await server.drain();
  await sleep(deleted + cell.servedRatio * lab.ttlMilliseconds - performance.now());
  const open = clients.endAndCount();
  await server.stop();
  await clients.cut(cutDeadlineMilliseconds);
  return open;
}

/** Places spread evenly from 0 to below `end`. */
function placesOf(count: number, end: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => ((index + 0.5) / count) * end);
}
