import { isObject, listIn, numberIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { extendPointer, pointer, type Pointer } from '../core/pointer.ts';
import { describeReference, type Resource } from '../core/resource.ts';
import type { IneffectiveSetting } from './ineffective-settings.ts';
import type { Mesh } from './mesh.ts';
import { connectionClass } from './protocol.ts';
import { hasSidecar, proxyModeOf } from './proxy-mode.ts';
import { selectedLabels, servicesReached, workloadsSelected } from './reach.ts';
import { hostOf, portsOf, servicesOf } from './services.ts';

const ttlPath = ['connectionPool', 'tcp', 'maxConnectionDuration'] as const;

interface Setting {
  readonly ttl: string;
  readonly at: Pointer;
  /** The Service port it is for; undefined: all ports. */
  readonly port: number | undefined;
  readonly place: string;
}

/** TTLs of a DestinationRule that stand where TCP listeners do not read them: in port-level settings and subsets. */
export function ineffectiveRuleSettings(rule: Resource, mesh: Mesh): readonly IneffectiveSetting[] {
  const settings = ttlsBelowTop(rule);
  if (settings.length === 0) {
    return [];
  }
  const services = servicesReached(rule, mesh);
  return settings.flatMap((setting) => {
    for (const service of services) {
      const ports = portsOf(service).filter(
        (port) => setting.port === undefined || numberIn(port, 'port') === setting.port,
      );
      const classes = ports.map(connectionClass).filter((connections) => connections !== 'none');
      if (classes.includes('tcp')) {
        const works = classes.some((connections) => connections !== 'tcp');
        return [ineffectiveTtl(setting, ports, hostOf(service, mesh), works)];
      }
    }
    return [];
  });
}

/** A Sidecar's inbound TTL where the workloads that it selects are reached over TCP alone. */
export function ineffectiveSidecarSettings(
  sidecar: Resource,
  mesh: Mesh,
): readonly IneffectiveSetting[] {
  const ttl = stringIn(
    sidecar.object,
    'spec',
    'inboundConnectionPool',
    'tcp',
    'maxConnectionDuration',
  );
  if (ttl === undefined) {
    return [];
  }
  for (const workload of workloadsSelected(
    sidecar.namespace,
    selectedLabels(sidecar, 'workloadSelector', 'labels'),
    mesh,
  )) {
    const classes = servicesOf(workload, mesh).flatMap((service) =>
      portsOf(service).map(connectionClass),
    );
    if (classes.includes('tcp') && hasSidecar(proxyModeOf(workload, mesh))) {
      return [
        {
          message: 'sidecar-ttl-for-tcp',
          severity: classes.some((connections) => connections === 'http') ? 'info' : 'warning',
          at: pointer('spec', 'inboundConnectionPool', 'tcp', 'maxConnectionDuration'),
          data: { ttl, workload: describeReference(workload.resource) },
        },
      ];
    }
  }
  return [];
}

function ineffectiveTtl(
  setting: Setting,
  ports: readonly Json[],
  host: string,
  works: boolean,
): IneffectiveSetting {
  const tcp = ports
    .filter((port) => connectionClass(port) === 'tcp')
    .map((port) => String(numberIn(port, 'port')));
  return {
    message: 'port-ttl-for-tcp',
    severity: works ? 'info' : 'warning',
    at: setting.at,
    data: { ttl: setting.ttl, port: tcp.join(', '), host, place: setting.place },
  };
}

function ttlsBelowTop(rule: Resource): readonly Setting[] {
  const top = valueIn(rule.object, 'spec', 'trafficPolicy');
  const settings = portLevelTtls(top, pointer('spec', 'trafficPolicy'), 'portLevelSettings');
  for (const [index, subset] of listIn(rule.object, 'spec', 'subsets').entries()) {
    const policy = valueIn(subset, 'trafficPolicy');
    const at = pointer('spec', 'subsets', index, 'trafficPolicy');
    const ttl = isObject(policy) ? stringIn(policy, ...ttlPath) : undefined;
    if (ttl !== undefined) {
      settings.push({ ttl, at: extendPointer(at, ...ttlPath), port: undefined, place: 'a subset' });
    }
    settings.push(...portLevelTtls(policy, at, "a subset's portLevelSettings"));
  }
  return settings;
}

function portLevelTtls(policy: Json | undefined, base: Pointer, place: string): Setting[] {
  return listIn(policy, 'portLevelSettings').flatMap((setting, index) => {
    const ttl = stringIn(setting, ...ttlPath);
    const at = extendPointer(base, 'portLevelSettings', index, ...ttlPath);
    return ttl === undefined ? [] : [{ ttl, at, port: numberIn(setting, 'port', 'number'), place }];
  });
}
