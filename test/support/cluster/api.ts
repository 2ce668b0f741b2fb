import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { KeyPair } from './certificates.ts';

/** What the API server answered, as it stands on the wire. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON, or the text where the answer is none. */
  readonly body: unknown;
}

/** JSON over HTTPS with the administrator's certificate, where a typed client would change bytes or hide headers. */
export interface Api {
  send(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ApiAnswer>;
  /** Like `send`, but an answer of 400 and above is an error that quotes the answer. */
  must(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
  close(): void;
}

const requestDeadlineMilliseconds = 60_000;

/** Makes a client for one API server. */
export function createApi(url: string, caPem: string, identity: KeyPair): Api {
  const agent = new Agent({
    keepAlive: true,
    ca: caPem,
    cert: identity.certificate,
    key: identity.key,
  });
  const send: Api['send'] = (method, path, body, headers) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return exchange(agent, new URL(path, url), method, text, headers);
  };
  return {
    send,
    async must(method, path, body, headers) {
      const answer = await send(method, path, body, headers);
      if (answer.status < 400) return answer.body;
      throw new Error(
        `${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
      );
    },
    close: () => agent.destroy(),
  };
}

function exchange(
  agent: Agent,
  url: URL,
  method: string,
  text: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      agent,
      method,
      timeout: requestDeadlineMilliseconds,
      headers: { 'content-type': 'application/json', ...headers },
    };
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const body = readBody(Buffer.concat(chunks).toString('utf8'));
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    sent.once('error', reject);
    sent.once('timeout', () => sent.destroy(new Error(`${method} ${url.pathname} took too long`)));
    sent.end(text);
  });
}

function readBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
