import { objectIn, stringIn, type Json } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { hostProblem, isPortNumber } from './host-syntax.ts';
import { isWildcardHost } from './hosts.ts';
import { isAddress } from './ip.ts';

/** A field of a WorkloadEntry because of which Istio refuses it. */
export interface EntryFormFault {
  readonly message: 'address-unreadable' | 'port-out-of-range' | 'label-refused';
  /** Below `spec`. */
  readonly path: readonly string[];
  readonly data: Readonly<Record<string, Json>>;
}

const longestText = 63;
const labelName = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/iu;
const labelValue = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)?$/iu;

/** What Istio refuses of a WorkloadEntry, sockets and a missing address aside. Source: Istio `pkg/config/validation`. */
export function entryFormFaults(entry: Resource): readonly EntryFormFault[] {
  const address = stringIn(entry.object, 'spec', 'address') ?? '';
  const ports = Object.entries(objectIn(entry.object, 'spec', 'ports'));
  const labels = Object.entries(objectIn(entry.object, 'spec', 'labels'));
  return [
    ...(isReadable(address)
      ? []
      : [{ message: 'address-unreadable' as const, path: ['address'], data: { address } }]),
    ...ports
      .filter(([, port]) => !isPortNumber(port))
      .map(([name, port]) => ({
        message: 'port-out-of-range' as const,
        path: ['ports', name],
        data: { name, port },
      })),
    ...labels.flatMap(([label, value]) => {
      const reason = labelProblem(label, value);
      return reason === undefined
        ? []
        : [{ message: 'label-refused' as const, path: ['labels', label], data: { label, reason } }];
    }),
  ];
}

function isReadable(address: string): boolean {
  return (
    address === '' ||
    address.startsWith('unix://') ||
    isAddress(address) ||
    (!isWildcardHost(address) && hostProblem(address) === undefined)
  );
}

function labelProblem(label: string, value: Json): string | undefined {
  const name = label.slice(label.indexOf('/') + 1);
  if (name.length > longestText || !labelName.test(name)) {
    return 'its name is none that Kubernetes takes';
  }
  return typeof value !== 'string' || (value.length <= longestText && labelValue.test(value))
    ? undefined
    : `its value ${JSON.stringify(value)} is none that Kubernetes takes`;
}
