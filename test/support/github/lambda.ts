import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A function to run under AWS's runtime client. */
export interface LambdaFunction {
  /** File in the task root, without its ending; the handler is its export `handler`. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
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
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly event: string;
  readonly done: (answer: { readonly body: string; readonly failed: boolean }) => void;
}

interface Runtime {
  readonly waiting: Invocation[];
  readonly running: Map<string, Invocation>;
  next: ServerResponse | undefined;
  readonly server: Server;
  process: ChildProcess | undefined;
}

const timeoutMilliseconds = 30_000;

/** Starts it; `client` is the runtime client's program, `taskRoot` the folder of the bundles. */
export async function startLambda(client: string, taskRoot: string): Promise<Lambda> {
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

  const api = createServer((request, response) => {
    void text(request).then((body) => {
      const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/u.exec(request.url ?? '')?.[1];
      if (request.headers['x-amz-invocation-type'] !== 'Event' || name === undefined) {
        response.writeHead(400).end();
        return;
      }
      events.push(JSON.parse(body));
      queue(name, body).catch((error: unknown) => failures.push(String(error)));
      response.writeHead(202).end();
    });
  });
  const url = await listen(api);
  return {
    url,
    events,
    failures,
    async start({ name, environment }) {
      const runtime: Runtime = {
        waiting: [],
        running: new Map(),
        next: undefined,
        process: undefined,
        server: createServer((request, response) => {
          void serveRuntime(runtime, request, response);
        }),
      };
      const runtimeUrl = await listen(runtime.server);
      runtimes.set(name, runtime);
      runtime.process = spawn(process.execPath, [client, `${name}.handler`], {
        cwd: taskRoot,
        stdio: ['ignore', 'ignore', 'ignore'],
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
    },
    invoke: async (name, event) => JSON.parse(await queue(name, JSON.stringify(event))) as unknown,
    async stop() {
      for (const { process: child, server } of runtimes.values()) {
        if (child !== undefined && child.exitCode === null) {
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
  next.writeHead(200, {
    'content-type': 'application/json',
    'Lambda-Runtime-Aws-Request-Id': invocation.id,
    'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeoutMilliseconds),
    'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:1:function:x',
  });
  next.end(invocation.event);
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
