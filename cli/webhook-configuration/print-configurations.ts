import { dump } from 'js-yaml';
import { catalogue } from '../../policies/index.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import { gateContexts } from '../../webhooks/gate-contexts.ts';
import type { WebhookAddress } from '../../webhooks/registration/address.ts';
import { webhookConfigurations } from '../../webhooks/registration/registration.ts';
import { findOwnNamespace } from '../serve/own-namespace.ts';
import { readConfiguration, readTextFile } from '../serve/read-configuration.ts';
import { UsageError } from '../usage-error.ts';

/** What the configurations are printed for. */
export interface ConfigurationRequest {
  readonly url?: string;
  readonly service?: NonNullable<WebhookAddress['service']>;
  readonly caFile?: string;
  readonly config?: string;
  readonly ownNamespace?: string;
  readonly failurePolicy: 'Ignore' | 'Fail';
}

/** The webhook configurations as documents of YAML. Throws a UsageError where the request cannot be met. */
export async function printConfigurations(request: ConfigurationRequest): Promise<string> {
  const settings = await readConfiguration(request.config, catalogue);
  const ownNamespace = request.ownNamespace ?? request.service?.namespace ?? findOwnNamespace();
  const mesh = createMesh(settings.mesh);
  const { plan } = gateContexts({ catalogue, settings, mesh, ownNamespace, clock: Date.now })();
  const documents = webhookConfigurations({
    subjects: plan.subjects,
    fill: settings.admission.fill,
    address: await addressOf(request),
    ownNamespace,
    rootNamespace: settings.mesh.rootNamespace,
    validatingFailurePolicy: request.failurePolicy,
  });
  return documents.map((document) => dump(document, { lineWidth: -1, noRefs: true })).join('---\n');
}

async function addressOf({ url, service, caFile }: ConfigurationRequest): Promise<WebhookAddress> {
  const trust =
    caFile === undefined
      ? {}
      : { caBundle: Buffer.from(await readTextFile(caFile)).toString('base64') };
  if (service !== undefined) {
    return { service, ...trust };
  }
  if (url === undefined) {
    throw new UsageError('name --service, or --url outside a cluster');
  }
  if (URL.parse(url)?.protocol !== 'https:') {
    throw new UsageError('--url must be an https:// URL');
  }
  return { url, ...trust };
}
