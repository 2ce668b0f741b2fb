import type { MeshPolicy } from './mesh/mesh.ts';
import { distinctRevisions } from './rules/controlplane/distinct-revisions.ts';
import { injectorReachable } from './rules/controlplane/injector-reachable.ts';
import { ownIstiod } from './rules/controlplane/own-istiod.ts';
import { declaredProtocol } from './rules/database/declared-protocol.ts';
import { interceptedPorts } from './rules/database/intercepted-ports.ts';
import { managedEndpoint } from './rules/database/managed-endpoint.ts';
import { serverFirstMtls } from './rules/database/server-first-mtls.ts';
import { sidecarInjection } from './rules/database/sidecar-injection.ts';
import { capture } from './rules/dns/capture.ts';
import { retiredGlobalDomain } from './rules/dns/retired-global-domain.ts';
import { tcpAddress } from './rules/dns/tcp-address.ts';
import { boundedConnectionTtl } from './rules/drain/bounded-connection-ttl.ts';
import { effectiveSettings } from './rules/drain/effective-settings.ts';
import { fitsGracePeriod } from './rules/drain/fits-grace-period.ts';
import { graceCoversTtl } from './rules/drain/grace-covers-ttl.ts';
import { acceptedServiceEntry } from './rules/egress/accepted-service-entry.ts';
import { allowedHosts } from './rules/egress/allowed-hosts.ts';
import { gatewayBinding } from './rules/egress/gateway-binding.ts';
import { gatewayPortPerEndpoint } from './rules/egress/gateway-port-per-endpoint.ts';
import { noBypass } from './rules/egress/no-bypass.ts';
import { registryOnly } from './rules/egress/registry-only.ts';
import { sniPassthroughChain } from './rules/egress/sni-passthrough-chain.ts';
import { tcpListenerCollision } from './rules/egress/tcp-listener-collision.ts';
import { consistentService } from './rules/multicluster/consistent-service.ts';
import { disjointNetworks } from './rules/multicluster/disjoint-networks.ts';
import { gatewayMtlsOnly } from './rules/multicluster/gateway-mtls-only.ts';
import { networkGateway } from './rules/multicluster/network-gateway.ts';
import { endpoint } from './rules/socket/endpoint.ts';
import { sharedVolume } from './rules/socket/shared-volume.ts';
import { exportScope } from './rules/tenancy/export-scope.ts';
import { hostOwnership } from './rules/tenancy/host-ownership.ts';
import { proxyResources } from './rules/tenancy/proxy-resources.ts';
import { sidecarScope } from './rules/tenancy/sidecar-scope.ts';
import { workloadEntry } from './rules/vm/workload-entry.ts';
import { workloadGroup } from './rules/vm/workload-group.ts';

/** Every policy, sorted by id. */
export const catalogue: readonly MeshPolicy[] = [
  distinctRevisions,
  injectorReachable,
  ownIstiod,
  declaredProtocol,
  interceptedPorts,
  managedEndpoint,
  serverFirstMtls,
  sidecarInjection,
  capture,
  retiredGlobalDomain,
  tcpAddress,
  boundedConnectionTtl,
  effectiveSettings,
  fitsGracePeriod,
  graceCoversTtl,
  acceptedServiceEntry,
  allowedHosts,
  gatewayBinding,
  gatewayPortPerEndpoint,
  noBypass,
  registryOnly,
  sniPassthroughChain,
  tcpListenerCollision,
  consistentService,
  disjointNetworks,
  gatewayMtlsOnly,
  networkGateway,
  endpoint,
  sharedVolume,
  exportScope,
  hostOwnership,
  proxyResources,
  sidecarScope,
  workloadEntry,
  workloadGroup,
];
