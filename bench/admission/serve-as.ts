import { createServer } from 'node:https';

/** What a server under measurement is told on its command line, as one JSON argument. */
export interface ServerTask {
  readonly cert: string;
  readonly key: string;
  /** Topic of the only policies to run; all where it is absent. */
  readonly topic?: string;
}

/** What a server tells the one who measures: where it listens, and on request the CPU time it has used so far. */
export type ServerMessage = { readonly port: number } | { readonly cpuMicroseconds: number };

/** Reads the task that this process was started with. */
export function readTask(): ServerTask {
  return JSON.parse(process.argv[2] ?? '') as ServerTask;
}

/** Reports the port, answers each message with the CPU time, and ends with its parent. */
export function report(port: number): void {
  send({ port });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    send({ cpuMicroseconds: user + system });
  });
  process.on('disconnect', () => process.exit(0));
}

/** Serves a plain listener, for the servers to compare with. */
export function servePlainly(listener: Parameters<typeof createServer>[1]): void {
  const { cert, key } = readTask();
  const server = createServer({ cert, key, keepAliveTimeout: 95_000 }, listener);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    report(typeof address === 'object' && address !== null ? address.port : 0);
  });
}

function send(message: ServerMessage): void {
  process.send?.(message);
}
