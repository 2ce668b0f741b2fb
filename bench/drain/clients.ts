import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The first byte that a server sends: which of the two it is. */
export const greetings = { terminating: 'T', replacement: 'R' } as const;

/** Clients that hold one connection each and open the next as soon as it ends. */
export interface Clients {
  /** From now on this client opens its connections to the replacement; the one that it has stays. */
  learn(client: number): void;
  /** The clients stop reconnecting; the number of connections that the terminating server holds now. */
  endAndCount(): number;
  /** Resolves when no connection to the terminating server is open any more; rejects after the deadline. */
  cut(deadlineMilliseconds: number): Promise<void>;
  /** Closes every connection. */
  stop(): void;
}

interface Client {
  hasLearned: boolean;
  socket: Socket | undefined;
  servedBy: string | undefined;
}

const pollMilliseconds = 20;

/** Starts clients of which each connects first at its own moment, in milliseconds from now. */
export function startClients(
  ports: Readonly<Record<keyof typeof greetings, number>>,
  startsMilliseconds: readonly number[],
): Clients {
  let stopped = false;
  const open = (client: Client): void => {
    if (stopped) return;
    const port = client.hasLearned ? ports.replacement : ports.terminating;
    const socket = connect({ host: '127.0.0.1', port });
    client.socket = socket;
    socket.once('data', (greeting: Buffer) => {
      client.servedBy = greeting.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.once('close', () => {
      client.servedBy = undefined;
      // Not within the event, so that a refused connection cannot starve the others.
      setImmediate(open, client);
    });
  };
  const clients = startsMilliseconds.map((start) => {
    const client: Client = { hasLearned: false, socket: undefined, servedBy: undefined };
    setTimeout(open, start, client);
    return client;
  });
  const held = (): number =>
    clients.filter(({ servedBy }) => servedBy === greetings.terminating).length;
  return {
    learn(index) {
      const client = clients[index];
      if (client !== undefined) client.hasLearned = true;
    },
    endAndCount() {
      stopped = true;
      return held();
    },
    async cut(deadlineMilliseconds) {
      const deadline = performance.now() + deadlineMilliseconds;
      while (held() > 0) {
        if (performance.now() > deadline) {
          throw new Error(`${String(held())} connections outlived their server`);
        }
        await sleep(pollMilliseconds);
      }
    },
    stop() {
      stopped = true;
      for (const { socket } of clients) socket?.destroy();
    },
  };
}
