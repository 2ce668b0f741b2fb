import { isObject, listIn, objectIn, stringIn } from '../core/json.ts';
import { pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import type { EntryProblem } from './entry-problems.ts';
import { hostProblem, isPortNumber } from './host-syntax.ts';
import { isWildcardHost } from './hosts.ts';
import { isAddress } from './ip.ts';

/** What Istio refuses of the endpoints of a ServiceEntry, sockets aside. Source: Istio `pkg/config/validation`. */
export function endpointProblems(entry: Resource, resolution: string): readonly EntryProblem[] {
  if (!['STATIC', 'DNS', 'DNS_ROUND_ROBIN'].includes(resolution)) {
    return [];
  }
  const portNames = new Set(
    listIn(entry.object, 'spec', 'ports').map((port) => stringIn(port, 'name')),
  );
  return listIn(entry.object, 'spec', 'endpoints').flatMap((endpoint, index) => {
    const at = pointer('spec', 'endpoints', index);
    const reasons = [
      ...addressReasons(endpoint, resolution),
      ...Object.entries(objectIn(endpoint, 'ports')).flatMap(([name, number]) => {
        if (!portNames.has(name)) {
          return [`its port ${name} is none of spec.ports`];
        }
        return isPortNumber(number) ? [] : [`its port ${name} has no port number`];
      }),
    ];
    return reasons.map((reason) => ({
      problem: 'endpoint-refused' as const,
      at,
      data: { reason },
    }));
  });
}

function addressReasons(endpoint: unknown, resolution: string): readonly string[] {
  const address = stringIn(endpoint, 'address') ?? '';
  if (address.startsWith('unix:') || !isObject(endpoint)) {
    return [];
  }
  if (address === '') {
    return stringIn(endpoint, 'network') === undefined || resolution !== 'STATIC'
      ? ['it has no address']
      : [];
  }
  if (isAddress(address)) {
    return [];
  }
  if (resolution === 'STATIC') {
    return [`${address} is no address, and resolution STATIC resolves no names`];
  }
  return hostProblem(address) === undefined && !isWildcardHost(address)
    ? []
    : [`${address} is neither an address nor a host name`];
}
