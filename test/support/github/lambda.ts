import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';

/** A function to run under AWS's runtime client. */
export interface LambdaFunction {
  /** File in the task root, without its ending; the handler is its export `handler`. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** How long it may run, in milliseconds; it is ended then. */
  readonly timeoutMilliseconds?: number;
}

/** What Lambda sends to an on-failure destination. Source: AWS Lambda, "Retaining records of asynchronous invocations". */
export interface DeadLetter {
  readonly version: '1.0';
  readonly requestContext: {
    readonly requestId: string;
    readonly condition: 'RetriesExhausted';
    readonly approximateInvokeCount: number;
  };
  readonly requestPayload: unknown;
  readonly responseContext: { readonly statusCode: 200; readonly functionError: 'Unhandled' };
  readonly responsePayload: unknown;
}

/** AWS Lambda on 127.0.0.1: the runtime API of each function, and the API that invokes them. */
export interface Lambda {
  /** Where `@aws-sdk/client-lambda` finds it. */
  readonly url: string;
  start(one: LambdaFunction): Promise<void>;
  /** Invokes a function and gives what it answers; rejects where it fails. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** What functions were asked for without waiting, as it was sent. */
  readonly events: unknown[];
  /** Errors of functions that nobody waited for. */
  readonly failures: string[];
  /** What could not be done after all retries. */
  readonly deadLetters: DeadLetter[];
  /** What functions wrote to their logs, line by line. */
  readonly logs: string[];
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly event: string;
  readonly done: (answer: { readonly body: string; readonly failed: boolean }) => void;
}

interface Runtime {
  readonly timeoutMilliseconds: number;
  readonly waiting: Invocation[];
  readonly running: Map<string, Invocation>;
  next: ServerResponse | undefined;
  readonly server: Server;
  process: ChildProcess | undefined;
  readonly spawn: () => ChildProcess;
}

const usualTimeoutMilliseconds = 200_000;

/**
 * Starts it; `client` is the runtime client's program, `taskRoot` the folder of the bundles. What nobody waits for is
 * tried again `retries` times, at once.
 */
export async function startLambda(
  client: string,
  taskRoot: string,
  { retries = 0 }: { readonly retries?: number } = {},
): Promise<Lambda> {
  const deadLetters: DeadLetter[] = [];
  const logs: string[] = [];
  const runtimes = new Map<string, Runtime>();
  const events: unknown[] = [];
  const failures: string[] = [];
  let last = 0;

  function queue(name: string, event: string): Promise<string> {
    const runtime = runtimes.get(name);
    if (runtime === undefined) {
      return Promise.reject(new Error(`there is no function ${name}`));
    }
    return new Promise((resolve, reject) => {
      last += 1;
      runtime.waiting.push({
        id: `request-${String(last)}`,
        event,
        done: ({ body, failed }) => (failed ? reject(new Error(body)) : resolve(body)),
      });
      hand(runtime);
    });
  }

  async function runInBackground(name: string, event: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await queue(name, event);
        return;
      } catch (error) {
        failures.push(String(error));
        if (attempt > retries) {
          deadLetters.push(deadLetter(event, attempt, (error as Error).message));
          return;
        }
      }
    }
  }

  const api = createServer((request, response) => {
    void text(request).then(async (body) => {
      const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/u.exec(request.url ?? '')?.[1];
      const type = request.headers['x-amz-invocation-type'];
      if (name === undefined) {
        response.writeHead(400).end();
      } else if (type === 'Event') {
        events.push(JSON.parse(body));
        void runInBackground(name, body);
        response.writeHead(202).end();
      } else {
        try {
          response.end(await queue(name, body));
        } catch (error) {
          response.writeHead(200, { 'x-amz-function-error': 'Unhandled' });
          response.end((error as Error).message);
        }
      }
    });
  });
  const url = await listen(api);
  return {
    url,
    events,
    failures,
    deadLetters,
    logs,
    async start({ name, environment, timeoutMilliseconds = usualTimeoutMilliseconds }) {
      let runtimeUrl = '';
      const runtime: Runtime = {
        timeoutMilliseconds,
        waiting: [],
        running: new Map(),
        next: undefined,
        process: undefined,
        spawn: () => {
          const child = spawn(process.execPath, [client, `${name}.handler`], {
            cwd: taskRoot,
            stdio: ['ignore', 'pipe', 'pipe'],
            env: {
              AWS_LAMBDA_RUNTIME_API: new URL(runtimeUrl).host,
              _HANDLER: `${name}.handler`,
              LAMBDA_TASK_ROOT: taskRoot,
              AWS_REGION: 'eu-west-1',
              AWS_ACCESS_KEY_ID: 'x',
              AWS_SECRET_ACCESS_KEY: 'x',
              AWS_ENDPOINT_URL_LAMBDA: url,
              AWS_LAMBDA_FUNCTION_NAME: name,
              AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
              AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '1024',
              AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
              AWS_LAMBDA_LOG_STREAM_NAME: 'local',
              ...environment,
            },
          });
          for (const input of [child.stdout, child.stderr]) {
            createInterface({ input }).on('line', (line) => logs.push(line));
          }
          return child;
        },
        server: createServer((request, response) => {
          void serveRuntime(runtime, request, response);
        }),
      };
      runtimeUrl = await listen(runtime.server);
      runtimes.set(name, runtime);
      runtime.process = runtime.spawn();
    },
    invoke: async (name, event) => JSON.parse(await queue(name, JSON.stringify(event))) as unknown,
    async stop() {
      for (const { process: child, server, running } of runtimes.values()) {
        // What still runs is not to time out later, when its folder is gone and another test runs.
        running.clear();
        if (child !== undefined && child.exitCode === null && child.signalCode === null) {
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
        await close(server);
      }
      await close(api);
    },
  };
}

/** The runtime API. Source: AWS Lambda, "Using the Lambda runtime API for custom runtimes". */
async function serveRuntime(
  runtime: Runtime,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '';
  const body = await text(request);
  if (path.endsWith('/invocation/next')) {
    runtime.next = response;
    hand(runtime);
    return;
  }
  const match = /\/invocation\/([^/]+)\/(response|error)$/u.exec(path);
  const invocation = runtime.running.get(match?.[1] ?? '');
  invocation?.done({ body, failed: match?.[2] === 'error' });
  runtime.running.delete(match?.[1] ?? '');
  if (path.endsWith('/init/error')) {
    for (const { done } of runtime.waiting.splice(0)) {
      done({ body, failed: true });
    }
  }
  response.writeHead(202).end();
}

function hand(runtime: Runtime): void {
  const { next } = runtime;
  const invocation = next === undefined ? undefined : runtime.waiting.shift();
  if (next === undefined || invocation === undefined) {
    return;
  }
  runtime.next = undefined;
  runtime.running.set(invocation.id, invocation);
  endInTime(runtime, invocation);
  next.writeHead(200, {
    'content-type': 'application/json',
    'Lambda-Runtime-Aws-Request-Id': invocation.id,
    'Lambda-Runtime-Deadline-Ms': String(Date.now() + runtime.timeoutMilliseconds),
    'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:1:function:x',
  });
  next.end(invocation.event);
}

/** Lambda ends the process of a function that takes too long, and starts another one for the next event. */
function endInTime(runtime: Runtime, { id, done }: Invocation): void {
  const seconds = (runtime.timeoutMilliseconds / 1000).toFixed(2);
  setTimeout(() => {
    if (runtime.running.delete(id)) {
      runtime.process?.kill('SIGKILL');
      runtime.process = runtime.spawn();
      const errorMessage = `${id} Task timed out after ${seconds} seconds`;
      done({ body: JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }), failed: true });
    }
  }, runtime.timeoutMilliseconds).unref();
}

function deadLetter(event: string, attempts: number, error: string): DeadLetter {
  return {
    version: '1.0',
    requestContext: {
      requestId: 'request',
      condition: 'RetriesExhausted',
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(event) as unknown,
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    responsePayload: JSON.parse(error) as unknown,
  };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
