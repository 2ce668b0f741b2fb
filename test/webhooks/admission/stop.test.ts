import { Agent } from 'node:https';
import { expect, test } from '@jest/globals';
import {
  fakeContext,
  requestFor,
  reviewOf,
  wantsGrace,
} from '../../support/admission/fake-gate.ts';
import { send, startGateServer } from '../../support/admission/gate-server.ts';

/** Time enough for a call of its own beside the load, also where the machine does other things. */
const shutdownDelayMilliseconds = 2000;

test('a stop under load loses no review', async () => {
  const context = fakeContext([wantsGrace], 'warn');
  const gate = await startGateServer({ context: () => context });
  const agent = new Agent({ keepAlive: true, ca: gate.ca });
  const body = reviewOf(requestFor({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: {} }));
  const outcomes = { answered: 0, refused: 0, lost: 0 };
  let stopped = false;

  async function load(): Promise<void> {
    while (!stopped) {
      let sent = false;
      const onSent = () => {
        sent = true;
      };
      try {
        const target = { host: '127.0.0.1', port: gate.port, agent };
        const answer = await send({ ...target, method: 'POST', path: '/mutate', onSent }, body);
        outcomes[answer.status === 200 ? 'answered' : 'lost'] += 1;
      } catch {
        // Only what was sent can be lost: a connection that is refused or reset before has carried no review.
        outcomes[sent ? 'lost' : 'refused'] += 1;
        stopped ||= !gate.admission.server.listening;
      }
    }
  }

  const clients = Array.from({ length: 8 }, load);
  while (outcomes.answered < 50) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const stopping = gate.admission.stop(shutdownDelayMilliseconds);
  expect(await gate.call('GET', '/readyz')).toMatchObject({
    status: 503,
    text: 'not ready: stopping\n',
    headers: { connection: 'close' },
  });
  await stopping;
  stopped = true;
  await Promise.all(clients);
  agent.destroy();
  await gate.close();
  expect(outcomes.answered).toBeGreaterThan(50);
  expect(outcomes.lost).toBe(0);
});

test('a review in flight is answered', async () => {
  const context = fakeContext([wantsGrace], 'warn');
  const gate = await startGateServer({ context: () => context });
  const { connect } = await import('node:tls');
  const body = reviewOf(requestFor({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: {} }));
  const socket = connect({ host: '127.0.0.1', port: gate.port, ca: gate.ca });
  const head = `POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Length: ${String(body.length)}\r\n\r\n`;
  socket.write(head + body.slice(0, 10));
  while (!(await gate.metrics()).includes('meshgate_admission_in_flight 1')) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const stopping = gate.admission.stop(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.write(body.slice(10));
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
  }
  await stopping;
  await gate.close();
  expect(answer).toMatch(/^HTTP\/1\.1 200/u);
  expect(answer).toMatch(/connection: close/iu);
});
