import { request } from 'node:https';
import { text } from 'node:stream/consumers';

/** Where we are called, as the API server does it. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** The name that the certificate must be good for. */
  readonly serverName: string;
  /** The authorities that a registered webhook trusts, in PEM. */
  readonly authorities: readonly string[];
}

const answerMilliseconds = 5000;

/** Opens a new connection to ourselves by way of the Service; undefined where it is answered, else what is wrong. */
export async function probe(target: ProbeTarget): Promise<string | undefined> {
  const { host, port, serverName, authorities } = target;
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>();
  const sent = request(
    {
      host,
      port,
      servername: serverName,
      ca: [...authorities],
      path: '/livez',
      agent: false,
      timeout: answerMilliseconds,
    },
    (response) => {
      text(response).then(() => {
        const status = response.statusCode ?? 0;
        resolve(status === 200 ? undefined : `the answer was ${String(status)}`);
      }, reject);
    },
  );
  sent.on('timeout', () => sent.destroy(new Error('no answer came in time')));
  sent.on('error', reject);
  sent.end();
  try {
    return await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
