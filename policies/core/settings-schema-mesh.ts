import * as z from 'zod';
import { parseDuration } from './duration.ts';
import { networkName, istioVersion, dnsName } from './settings-schema-facts.ts';

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
      .describe(
        'Namespace of istiod and, unless the mesh config has a rootNamespace, of mesh-wide resources; istio-system where it is not given.',
      )
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
