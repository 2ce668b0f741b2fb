import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:https';
import { connect } from 'node:tls';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { followTlsFiles, loadTlsPair, type TlsPair } from '../../../webhooks/admission/tls.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';

let folder = '';
const files = () => ({ certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-tls-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writePair(commonName: string): Promise<void> {
  const authority = await createAuthority('tls test');
  const pair = await authority.issue({ commonName, addresses: ['127.0.0.1'] });
  await writeFile(files().key, pair.key);
  await writeFile(files().certificate, pair.certificate);
}

function listen(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : 0);
  });
  return promise;
}

function nameSeen(port: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().subject.CN);
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}

test('new files are served without a restart, and broken ones leave the old pair', async () => {
  await writePair('first');
  const pair = await loadTlsPair(files());
  const server = createServer({ cert: pair.cert, key: pair.key });
  const port = await listen(server);
  const reports: string[] = [];
  let notify = (): void => undefined;
  const end = followTlsFiles(server, files(), pair, {
    loaded: (next: TlsPair) => {
      reports.push(`loaded ${String(next.expiresSeconds > 0)}`);
      notify();
    },
    failed: (problem) => {
      reports.push(problem);
      notify();
    },
  });
  const reported = () =>
    new Promise<void>((resolve) => {
      notify = resolve;
    });

  expect(await nameSeen(port)).toBe('first');
  let next = reported();
  await writePair('second');
  while (!reports.includes('loaded true')) {
    await next;
    next = reported();
  }
  expect(await nameSeen(port)).toBe('second');

  next = reported();
  await writeFile(files().certificate, 'no certificate');
  await next;
  expect(reports.at(-1)).toMatch(/holds no certificate in PEM$/u);
  expect(await nameSeen(port)).toBe('second');

  end();
  server.closeAllConnections();
  server.close();
});

test('files that are not there are named', async () => {
  await expect(loadTlsPair(files())).rejects.toThrow('tls.crt');
});
