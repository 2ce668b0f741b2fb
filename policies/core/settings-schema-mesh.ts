import { z } from 'zod';
import { parseDuration } from './duration.ts';

const networkName = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/u, {
  error: 'must be the name of a network, which is the value of a label',
});

/** The schema of `mesh:`, the facts that manifests cannot tell. */
export const mesh = z
  .strictObject({
    istioVersion: istioVersion().optional(),
    nativeSidecars: z
      .union([z.boolean(), z.literal('auto')])
      .describe(
        'Whether injected sidecars are native; auto: as istiod decides by version and nodes.',
      )
      .optional(),
    dnsCapture: z.boolean().describe('Whether proxies capture DNS where no proxy says.').optional(),
    autoAllocate: z
      .boolean()
      .describe('Whether ServiceEntries without addresses get one (PILOT_ENABLE_IP_AUTOALLOCATE).')
      .optional(),
    propagationTime: z
      .string()
      .refine((text) => (parseDuration(text) ?? -1) >= 0, {
        error: 'must be a duration that is not negative, such as 5s or 1m30s',
      })
      .describe('Time until the slowest client has dropped an endpoint; 5s where it is not given.')
      .optional(),
    rootNamespace: dnsName('istio-system')
      .describe('Namespace of mesh-wide resources; istio-system where it is not given.')
      .optional(),
    clusterDomain: dnsName('cluster.local')
      .describe('DNS suffix of Services; cluster.local where it is not given.')
      .optional(),
    injectByDefault: z
      .boolean()
      .describe('Whether namespaces without a label are injected (enableNamespacesByDefault).')
      .optional(),
    injectUnknownNamespaces: z
      .boolean()
      .describe('Whether namespaces that are not among the inputs are taken as injected.')
      .optional(),
    customProxyLifecycle: z
      .boolean()
      .describe(
        "Whether the injector's global.proxy.lifecycle is set, which replaces Istio's drain hook.",
      )
      .optional(),
    multiClusterServices: z
      .boolean()
      .describe('Whether multi-cluster Services (clusterset.local) are on.')
      .optional(),
    network: networkName
      .describe("The network of the cluster's Pods (global.network), where no label names another.")
      .optional(),
    networksWithGateway: z
      .array(networkName)
      .describe('Networks that have a gateway which is not among the inputs.')
      .optional(),
  })
  .describe('Facts about the mesh that manifests cannot tell.');

/** YAML reads an unquoted 1.31 as a number, which is accepted as long as no trailing zero can have been lost. */
function istioVersion(): z.ZodType {
  return z
    .union([
      z.string().regex(/^1\.\d{1,3}(?:\.\d{1,3})?$/u, {
        error: 'must be a version of Istio, such as "1.31" or "1.31.2"',
      }),
      z.number().refine((version) => /^1\.\d\d$/u.test(String(version)), {
        error: ({ input }) =>
          `is the number ${String(input)} without quotes, which YAML makes of "1.30" as well as of "1.3": quote it`,
      }),
    ])
    .describe(
      'Version of Istio, such as "1.31" or "1.31.2"; the newest supported where it is not given.',
    );
}

function dnsName(example: string): z.ZodType {
  return z.string().regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u, {
    error: `must be a DNS name, such as ${example}`,
  });
}
