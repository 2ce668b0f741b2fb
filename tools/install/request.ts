import { clusterGroups } from './catalogue.ts';
import type { ToolGroup } from './catalogue.ts';

interface Request {
  readonly groups: readonly ToolGroup[];
  /** Whether the Envoy is wanted, and nothing else. */
  readonly envoy: boolean;
  /** Whether what is missing is a failure. */
  readonly strict: boolean;
}

/** Reads the command line; a text says what is wrong with it. */
export function readRequest(args: readonly string[]): Request | string {
  const unknown = args.filter((arg) => !['--strict', 'helm', 'envoy'].includes(arg));
  if (unknown.length > 0) return `unknown argument ${unknown.join(' ')}`;
  if (args.includes('envoy')) return { groups: [], envoy: true, strict: true };
  const groups: readonly ToolGroup[] = args.includes('helm')
    ? [...clusterGroups, 'helm']
    : clusterGroups;
  return { groups, envoy: false, strict: args.includes('--strict') };
}
