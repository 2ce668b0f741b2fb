import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Cluster } from '../cluster/start.ts';

/** A mutating webhook of somebody else. */
export interface ForeignWebhook {
  stop(): Promise<void>;
}

const collection = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const name = 'zz-foreign';

/** Starts one that patches every Service at its creation, and registers it; called at once by each API server. */
export async function startForeignWebhook(
  cluster: Cluster,
  patch: readonly object[],
): Promise<ForeignWebhook> {
  const leaf = await cluster.authority.issue({ commonName: 'foreign', addresses: ['127.0.0.1'] });
  const server = createServer({ cert: leaf.certificate, key: leaf.key }, (request, response) => {
    void json(request).then((review) => {
      const { uid } = (review as { readonly request: { readonly uid: string } }).request;
      const patched = Buffer.from(JSON.stringify(patch)).toString('base64');
      response.end(
        JSON.stringify({
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid, allowed: true, patchType: 'JSONPatch', patch: patched },
        }),
      );
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await cluster.api.must('POST', collection, {
    metadata: { name },
    webhooks: [
      {
        name: 'foreign.example.com',
        clientConfig: {
          url: `https://127.0.0.1:${String(port)}/`,
          caBundle: Buffer.from(cluster.caPem).toString('base64'),
        },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        rules: [
          { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['services'] },
        ],
      },
    ],
  });
  return {
    async stop() {
      await cluster.api.must('DELETE', `${collection}/${name}`);
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
