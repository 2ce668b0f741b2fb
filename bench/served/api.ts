import { nextMessage, startProcess } from '../admission/processes.ts';
import type { ApiTask } from './api-server.ts';

/** An API server of a bench, in a process of its own on the second core. */
export interface ServedApi {
  readonly port: number;
  stop(): void;
}

/** Starts one with so many objects. */
export async function startApi(task: ApiTask): Promise<ServedApi> {
  const child = startProcess('../served/api-server.ts', task, 1);
  const { port } = (await nextMessage(child)) as { readonly port: number };
  return {
    port,
    stop() {
      child.disconnect();
    },
  };
}
