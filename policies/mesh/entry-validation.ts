import {
  jsonText,
  isObject,
  listIn,
  objectIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
} from '../core/json.ts';
import { pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { usesWaypoint } from './ambient-services.ts';
import { endpointProblems } from './entry-endpoint-validation.ts';
import type { EntryProblem } from './entry-problems.ts';
import { entryPortProtocol } from './entry-protocol.ts';
import { hostProblem, isPortName, isPortNumber } from './host-syntax.ts';
import { isWildcardHost } from './hosts.ts';
import { isAddress, readRange } from './ip.ts';
import { isHttp } from './outbound-sockets.ts';

const dynamicProtocols: ReadonlySet<string> = new Set(['HTTP', 'HTTP2', 'GRPC', 'TLS']);

/** The resolution of a ServiceEntry; NONE where it names none. */
function resolutionOf(entry: Resource): string {
  return stringIn(entry.object, 'spec', 'resolution') ?? 'NONE';
}

/**
 * What Istio's validation says of a ServiceEntry, as far as no narrower policy says it (exports, sockets, databases,
 * machines). Source: Istio `pkg/config/validation/validation.go` ValidateServiceEntry, observed.
 */
export function entryProblems(entry: Resource): readonly EntryProblem[] {
  const resolution = resolutionOf(entry);
  return [
    ...hostProblems(entry, resolution),
    ...portProblems(entry),
    ...sharedPort(entry, resolution),
    ...addressProblems(entry, resolution),
    ...endpointListProblems(entry, resolution),
    ...(resolution === 'DYNAMIC_DNS' ? dynamicProblems(entry) : []),
    ...selectorProblems(entry),
    ...endpointProblems(entry, resolution),
  ];
}

function hostProblems(entry: Resource, resolution: string): readonly EntryProblem[] {
  const unresolvable =
    (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') &&
    listIn(entry.object, 'spec', 'endpoints').length === 0;
  return listIn(entry.object, 'spec', 'hosts').flatMap((host, index): readonly EntryProblem[] => {
    const at = pointer('spec', 'hosts', index);
    const text = typeof host === 'string' ? host : '';
    const reason = hostProblem(text);
    if (reason !== undefined) {
      return [{ problem: 'host-refused', at, data: { host: text, reason } }];
    }
    if (!isWildcardHost(text)) {
      return [];
    }
    const partial = !text.startsWith('*.') && resolution !== 'DYNAMIC_DNS';
    return [
      ...(partial ? [{ problem: 'partial-wildcard' as const, at, data: { host: text } }] : []),
      ...(unresolvable
        ? [{ problem: 'wildcard-without-endpoints' as const, at, data: { host: text, resolution } }]
        : []),
    ];
  });
}

function portProblems(entry: Resource): readonly EntryProblem[] {
  const ports = listIn(entry.object, 'spec', 'ports');
  if (ports.length === 0) {
    return [{ problem: 'no-ports', at: pointer('spec'), data: {} }];
  }
  const names = new Set<Json>();
  const numbers = new Set<Json>();
  return ports.flatMap((port, index): readonly EntryProblem[] => {
    const at = pointer('spec', 'ports', index);
    const [name, number] = [valueIn(port, 'name') ?? '', valueIn(port, 'number') ?? 0];
    const target = valueIn(port, 'targetPort') ?? 0;
    const reasons = [
      ...(names.has(name) ? [`the name ${jsonText(name)} is used twice`] : []),
      ...(numbers.has(number) ? [`the number ${jsonText(number)} is used twice`] : []),
      ...(isPortName(name)
        ? []
        : [`${jsonText(name)} is no name of a port (letters, digits and dashes, at most 63)`]),
      ...(isPortNumber(number) ? [] : [`${jsonText(number)} is no port number`]),
      ...(target === 0 || isPortNumber(target)
        ? []
        : [`targetPort ${jsonText(target)} is no port number`]),
    ];
    names.add(name);
    numbers.add(number);
    const unknown = entryPortProtocol(port) === 'unsupported';
    return [
      ...reasons.map((reason) => ({ problem: 'port-refused' as const, at, data: { reason } })),
      ...(unknown
        ? [
            {
              problem: 'unknown-protocol' as const,
              at,
              data: { protocol: stringIn(port, 'protocol') ?? '' },
            },
          ]
        : []),
    ];
  });
}

/** Several hosts on a port that is neither HTTP nor TLS cannot be told apart. */
function sharedPort(entry: Resource, resolution: string): readonly EntryProblem[] {
  const hosts = listIn(entry.object, 'spec', 'hosts').filter((host) => typeof host === 'string');
  if (hosts.length < 2 || resolution === 'NONE') {
    return [];
  }
  const index = listIn(entry.object, 'spec', 'ports').findIndex((port) => {
    const protocol = entryPortProtocol(port);
    return (
      protocol !== 'unsupported' && !isHttp(protocol) && protocol !== 'TLS' && protocol !== 'HTTPS'
    );
  });
  const port = valueIn(listIn(entry.object, 'spec', 'ports')[index], 'number') ?? 0;
  return index < 0
    ? []
    : [{ problem: 'hosts-share-tcp-port', at: pointer('spec', 'hosts'), data: { hosts, port } }];
}

function addressProblems(entry: Resource, resolution: string): readonly EntryProblem[] {
  const fixed = resolution === 'NONE' || resolution === 'STATIC';
  return listIn(entry.object, 'spec', 'addresses').flatMap(
    (address, index): readonly EntryProblem[] => {
      const at = pointer('spec', 'addresses', index);
      const text = typeof address === 'string' ? address : jsonText(address);
      const data = { address: text, resolution };
      if (readRange(text) === undefined) {
        return [{ problem: 'address-refused', at, data }];
      }
      return fixed || isAddress(text) || resolution === 'DYNAMIC_DNS'
        ? []
        : [{ problem: 'range-needs-static', at, data }];
    },
  );
}

function endpointListProblems(entry: Resource, resolution: string): readonly EntryProblem[] {
  const count = listIn(entry.object, 'spec', 'endpoints').length;
  const at = pointer('spec', 'endpoints');
  if (count === 0) {
    return [];
  }
  const selects = isObject(valueIn(entry.object, 'spec', 'workloadSelector'));
  return [
    ...(resolution === 'NONE'
      ? [{ problem: 'endpoints-ignored-by-none' as const, at, data: {} }]
      : []),
    ...(resolution === 'DNS_ROUND_ROBIN' && count > 1
      ? [{ problem: 'round-robin-endpoints' as const, at, data: { count } }]
      : []),
    ...(selects ? [{ problem: 'endpoints-and-selector' as const, at, data: {} }] : []),
  ];
}

function dynamicProblems(entry: Resource): readonly EntryProblem[] {
  const spec = objectIn(entry.object, 'spec');
  const found: EntryProblem[] = [];
  const report = (reason: string, ...path: readonly (string | number)[]): void => {
    found.push({ problem: 'dynamic-dns-refused', at: pointer('spec', ...path), data: { reason } });
  };
  for (const [index, host] of listIn(spec, 'hosts').entries()) {
    if (typeof host === 'string' && !isWildcardHost(host)) {
      report(`the host ${host} is no wildcard`, 'hosts', index);
    }
  }
  for (const field of ['addresses', 'endpoints']) {
    if (listIn(spec, field).length > 0) {
      report(`spec.${field} is set`, field);
    }
  }
  for (const [index, port] of listIn(spec, 'ports').entries()) {
    const protocol = entryPortProtocol(port);
    if (protocol !== 'unsupported' && !dynamicProtocols.has(protocol)) {
      const said = protocol === 'sniffed' ? 'no protocol' : `protocol ${protocol}`;
      report(`a port has ${said}`, 'ports', index);
    }
  }
  if (stringIn(spec, 'location') === 'MESH_INTERNAL' && usesWaypoint(entry.labels)) {
    report('location is MESH_INTERNAL and a waypoint is used', 'location');
  }
  return found;
}

function selectorProblems(entry: Resource): readonly EntryProblem[] {
  const labels = stringMapIn(entry.object, 'spec', 'workloadSelector', 'labels');
  return Object.entries(labels).flatMap(([label, value]) =>
    label.includes('*') || value.includes('*')
      ? [
          {
            problem: 'selector-refused' as const,
            at: pointer('spec', 'workloadSelector', 'labels', label),
            data: { label: `${label}=${value}` },
          },
        ]
      : [],
  );
}
