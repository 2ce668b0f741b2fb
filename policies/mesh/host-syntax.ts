import { isWildcardHost } from './hosts.ts';

const longestLabel = 63;
const longestName = 255;
const highestPort = 65_535;
const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/iu;

/** Why Istio refuses a host, as a clause; undefined for a good one. Source: Istio `pkg/config/labels`, `validation.go`. */
export function hostProblem(host: string): string | undefined {
  if (host === '*') {
    return 'it is every host';
  }
  const rest = host.endsWith('.') ? host.slice(0, -1) : host;
  const name = isWildcardHost(rest) ? rest.replace(/^\*[.-]?/u, '') : rest;
  if (rest === '') {
    return 'it is empty';
  }
  if (name === '') {
    return undefined;
  }
  const labels = name.split('.');
  const bad = labels.find((part) => part.length > longestLabel || !label.test(part));
  if (bad !== undefined) {
    return `its label ${JSON.stringify(bad)} is no DNS label`;
  }
  if (/^\d+$/u.test(labels.at(-1) ?? '')) {
    return 'its last label is a number';
  }
  return name.length > longestName ? 'it is too long' : undefined;
}

/** Whether Istio takes a value as the name of a port. */
export function isPortName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= longestLabel && label.test(name);
}

/** Whether a value is the number of a port. */
export function isPortNumber(number: unknown): boolean {
  return Number.isInteger(number) && Number(number) >= 1 && Number(number) <= highestPort;
}
