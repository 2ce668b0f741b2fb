import type { Server } from 'node:https';
import { Server as NetServer } from 'node:net';
import { setImmediate as afterPoll, setTimeout as delay } from 'node:timers/promises';

const lastAnswersMilliseconds = 10_000;
const freshConnectionsMilliseconds = 250;

/**
 * Makes the function that stops a server without losing a review. For `shutdownDelayMilliseconds` the server goes on
 * answering, each answer with `Connection: close`, so that the API server leaves by itself: a review on a connection
 * that we closed first is not sent again. Then it takes no more, answers what is in flight, and closes.
 */
export function stopper(server: Server): (shutdownDelayMilliseconds: number) => Promise<void> {
  let stopped: Promise<void> | undefined;
  return (shutdownDelayMilliseconds) => (stopped ??= stopServer(server, shutdownDelayMilliseconds));
}

async function stopServer(server: Server, shutdownDelayMilliseconds: number): Promise<void> {
  await delay(shutdownDelayMilliseconds);
  // Connections that wait to be accepted are reset by closing; right after polling, there are hardly any.
  await afterPoll();
  const closed = Promise.withResolvers<undefined>();
  // Not the server's own close, which also cuts the connections that have just been opened to send a review.
  NetServer.prototype.close.call(server, () => {
    closed.resolve(undefined);
  });
  await delay(freshConnectionsMilliseconds);
  // What arrived while the process did not run is read first, so that its connection does not pass for idle.
  await afterPoll();
  server.close();
  const abandon = setTimeout(() => {
    server.closeAllConnections();
  }, lastAnswersMilliseconds);
  await closed.promise;
  clearTimeout(abandon);
}
