import { createAuthority } from '../../test/support/cluster/certificates.ts';
import { nextMessage, startProcess } from '../admission/processes.ts';
import type { ApiSize, ApiTask } from './api-server.ts';

/** An API server of a bench, in a process of its own on the second core. */
export interface ServedApi {
  readonly port: number;
  /** The authority that its clients trust, in PEM. */
  readonly ca: string;
  stop(): void;
}

/** Starts one with so many objects. */
export async function startApi(size: ApiSize): Promise<ServedApi> {
  const authority = await createAuthority('bench');
  const pair = await authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] });
  const task: ApiTask = { ...size, cert: pair.certificate, key: pair.key };
  const child = startProcess('../served/api-server.ts', task, 1);
  const { port } = (await nextMessage(child)) as { readonly port: number };
  return {
    port,
    ca: authority.pem,
    stop() {
      child.disconnect();
    },
  };
}
