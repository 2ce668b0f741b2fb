import * as z from 'zod';
import { listIn, numberIn, stringMapIn, valueIn } from '../../core/json.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { gatewayReference, gatewaysOf, meshGateway } from '../../mesh/gateway-names.ts';
import { proxiesOf, proxyKinds, type GatewayProxy } from '../../mesh/gateway-proxies.ts';
import { serversOf, takesHost, type GatewayServer } from '../../mesh/gateway-servers.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { workloadPort } from '../../mesh/target-ports.ts';
import { containersOf, type Workload } from '../../mesh/workload.ts';
import { gatewayBindingExamples } from './gateway-binding.examples.ts';

const params = z.object({});
type MessageId = 'host-not-served' | 'port-not-offered';

/** A Gateway opens ports for hosts; what names another host or port of it is not met by anybody. */
export const gatewayBinding = definePolicy<typeof params, MessageId>({
  id: 'egress/gateway-binding',
  title: 'Routes, servers and Services of a gateway meet',
  why: 'A gateway takes from a VirtualService only the hosts that one of its servers names, and clients reach a server only through a port of a Service. What does not meet is left out, and nothing complains: requests get 404, or find nobody listening.',
  sources: ['Istio pilot/pkg/networking/core/gateway.go, pilot/pkg/model/gateway.go'],
  severity: 'warning',
  subjects: ['VirtualService', 'Gateway'],
  consults: ['Gateway', 'Service', ...proxyKinds],
  cost: 'O(hosts of a VirtualService · servers of its Gateways); for a Gateway O(its servers · ports of the Services that lead to its Pods).',
  params,
  messages: {
    'host-not-served': {
      text: 'Gateway {gateway} has no server for any host of this VirtualService from namespace {namespace} (it serves {served}): the gateway leaves the routes out, and answers 404 or not at all.',
      remedy:
        'Add {hosts} to the hosts of a server, or bind the VirtualService to the Gateway that has it.',
    },
    'port-not-offered': {
      text: 'No Service leads to port {port} of {workload} (those that lead to its Pods have {offered}): server {server} listens, and no client of a Service gets there.',
      remedy: 'Add port {port} to {service}, or let the server use a port that the Service has.',
    },
  },
  equivalents: [
    { tool: 'istioctl', code: 'IST0132', note: 'also where the Gateway is not among the inputs' },
    {
      tool: 'istioctl',
      code: 'IST0162',
      note: 'also where no Service leads to the Pods at all, or they use ports of their node',
    },
  ],
  check({ resource }, mesh) {
    return resource.type === 'Gateway'
      ? unofferedPorts(resource, mesh)
      : unservedHosts(resource, mesh);
  },
  examples: gatewayBindingExamples,
});

/** Routes by server name are judged link by link elsewhere (egress/sni-passthrough-chain). */
function unservedHosts(virtualService: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const { namespace } = virtualService;
  const hosts = listIn(virtualService.object, 'spec', 'hosts').flatMap((host) =>
    typeof host === 'string' && host !== '' ? [host.toLowerCase()] : [],
  );
  if (hosts.length === 0 || listIn(virtualService.object, 'spec', 'tls').length > 0) {
    return [];
  }
  return gatewaysOf(virtualService).flatMap((reference, index): readonly Report<MessageId>[] => {
    const [gatewayNamespace = '', name = ''] = reference.split('/');
    const gateway =
      reference === meshGateway ? undefined : mesh.get('Gateway', gatewayNamespace, name);
    if (gateway === undefined) {
      return [];
    }
    const servers = serversOf(gateway);
    if (servers.some((server) => hosts.some((host) => takesHost(server, host, namespace)))) {
      return [];
    }
    const named = [...new Set(servers.flatMap((server) => server.hosts))];
    const served = named.length === 0 ? 'no host' : named;
    const data = { gateway: reference, namespace, hosts, served };
    return [{ message: 'host-not-served', at: pointer('spec', 'gateways', index), data }];
  });
}

function unofferedPorts(gateway: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const selector = stringMapIn(gateway.object, 'spec', 'selector');
  const proxies = Object.keys(selector).length === 0 ? [] : proxiesOf(gateway, mesh);
  const [first] = proxies;
  return first === undefined
    ? []
    : serversOf(gateway)
        .filter((server) => proxies.every((proxy) => isShut(server, proxy)))
        .map((server) => reportShut(server, first));
}

/** Whether Services lead to a proxy, and none of them to the server, and its node does not either. */
function isShut({ port }: GatewayServer, { services, workload }: GatewayProxy): boolean {
  return (
    workload !== undefined &&
    services.length > 0 &&
    !isOnNode(workload, port) &&
    !services.some((service) =>
      listIn(service.object, 'spec', 'ports').some(
        (candidate) =>
          numberIn(candidate, 'port') === port ||
          [undefined, port].includes(workloadPort(candidate, workload)),
      ),
    )
  );
}

function reportShut(
  server: GatewayServer,
  { services, workload }: GatewayProxy,
): Report<MessageId> {
  const ports = services.flatMap((service) => listIn(service.object, 'spec', 'ports'));
  const offered = [...new Set(ports.flatMap((port) => numberIn(port, 'port') ?? []))];
  const [service] = services;
  const data = {
    gateway: gatewayReference(server.gateway),
    server: server.name,
    port: server.port,
    offered: offered.length === 0 ? 'no port' : offered,
    service: service === undefined ? '' : describeReference(service),
    workload: workload === undefined ? '' : describeReference(workload.resource),
  };
  const at = pointer('spec', 'servers', server.index, 'port', 'number');
  return { message: 'port-not-offered', at, data };
}

function isOnNode(workload: Workload, port: number): boolean {
  return (
    workload.spec['hostNetwork'] === true ||
    containersOf(workload).some(({ container }) =>
      listIn(container, 'ports').some(
        (candidate) =>
          numberIn(candidate, 'containerPort') === port &&
          valueIn(candidate, 'hostPort') !== undefined,
      ),
    )
  );
}
