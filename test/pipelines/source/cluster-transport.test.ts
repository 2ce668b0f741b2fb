import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { openForTest } from '../../support/admission/plain-cluster.ts';

test('reads that share connections come one after the other on one, and every other request on its own', async () => {
  const ports: (number | undefined)[] = [];
  const server = createServer((request, response) => {
    ports.push(request.socket.remotePort);
    response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const transport = await openForTest((server.address() as AddressInfo).port);
    const { signal } = new AbortController();
    for (const sharesConnection of [true, true, false, true]) {
      await text(await transport.send({ method: 'GET', path: '/', sharesConnection }, signal));
    }
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  expect(ports.map((port) => port === ports[0])).toEqual([true, true, false, true]);
});

test('what is asked for is what is accepted', async () => {
  const accepted: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    accepted.push(request.headers.accept);
    response.end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const transport = await openForTest((server.address() as AddressInfo).port);
    const { signal } = new AbortController();
    await text(await transport.send({ method: 'GET', path: '/' }, signal));
    await text(await transport.send({ method: 'GET', path: '/', accept: 'text/plain' }, signal));
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  expect(accepted).toEqual(['application/json', 'text/plain']);
});
