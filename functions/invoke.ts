import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** Starts a function with this input and does not wait for what it does. Rejects unless Lambda has taken the event. */
export type StartFunction = (name: string, input: unknown) => Promise<void>;

/** Runs a function and gives what it answered. Rejects with the function's own error where it failed. */
export type CallFunction = (name: string, input: unknown) => Promise<unknown>;

/** Longer than a function may run, so that a slow one is not taken for a lost one. */
const longestCallMilliseconds = 16 * 60_000;
const connectMilliseconds = 10_000;

/** Makes what starts functions; region, credentials and endpoint are those of the process. */
export function createStarter(): StartFunction {
  const client = new LambdaClient({});
  return async (name, input) => {
    const { StatusCode: status } = await client.send(
      new InvokeCommand({
        FunctionName: name,
        InvocationType: 'Event',
        Payload: Buffer.from(JSON.stringify(input)),
      }),
    );
    if (status !== 202) {
      throw new Error(`Lambda answered ${String(status)} instead of taking the event`);
    }
  };
}

/**
 * Makes what calls functions and waits for them, once each: a function that was started and gives no answer in time must
 * not be started again.
 */
export function createCaller(): CallFunction {
  return async (name, input) => {
    // One client for a call: the connection that it waited on must not keep the process.
    const client = new LambdaClient({
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: connectMilliseconds,
        requestTimeout: longestCallMilliseconds,
        throwOnRequestTimeout: true,
        socketTimeout: longestCallMilliseconds,
      },
    });
    try {
      return await callOnce(client, name, input);
    } finally {
      client.destroy();
    }
  };
}

async function callOnce(client: LambdaClient, name: string, input: unknown): Promise<unknown> {
  const { FunctionError: failure, Payload: payload } = await client.send(
    new InvokeCommand({
      FunctionName: name,
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(JSON.stringify(input)),
    }),
  );
  const answer = parse(payload === undefined ? '' : Buffer.from(payload).toString('utf8'));
  // Lambda answers 200 also where the function threw.
  if (failure !== undefined) {
    throw new Error(`the function ${name} failed: ${messageOf(answer) ?? failure}`);
  }
  return answer;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function messageOf(answer: unknown): string | undefined {
  const message: unknown =
    typeof answer === 'object' && answer !== null && 'errorMessage' in answer
      ? answer.errorMessage
      : undefined;
  return typeof message === 'string' ? message : undefined;
}
