import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** Starts a function with this input and does not wait for what it does. Rejects unless Lambda has taken the event. */
export type StartFunction = (name: string, input: unknown) => Promise<void>;

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
