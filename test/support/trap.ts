import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Files } from './git-repository.ts';

/** An address and a file that hostile files try to reach, and that tell of it. */
export interface Trap {
  /** Texts in which TRAP stands for the address and FILE for the file. */
  arm(files: Files): Files;
  armText(text: string): string;
  /** What was reached. */
  sprung(): readonly string[];
  close(): void;
}

/** Sets a trap on 127.0.0.1 and in a temporary folder. */
export async function setTrap(): Promise<Trap> {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-trap-'));
  const file = join(folder, 'ran');
  let requests = 0;
  const server = createServer((socket) => {
    requests += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const armText = (text: string): string =>
    text.replaceAll('TRAP', `127.0.0.1:${String(port)}`).replaceAll('FILE', file);
  return {
    armText,
    arm: (files) =>
      Object.fromEntries(
        Object.entries(files).map(([path, content]) => [
          path,
          typeof content === 'string' ? armText(content) : content,
        ]),
      ),
    sprung: () => [
      ...(requests > 0 ? [`${String(requests)} requests`] : []),
      ...(existsSync(file) ? [file] : []),
    ],
    close() {
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
