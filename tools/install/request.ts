import { chartGroups, clusterGroups } from './catalogue.ts';
import type { ToolGroup } from './catalogue.ts';

interface Request {
  readonly groups: readonly ToolGroup[];
  /** Whether the Envoy is wanted, and nothing else. */
  readonly envoy: boolean;
  /** Whether the renderer is wanted, and nothing else. */
  readonly renderer: boolean;
  /** Whether what is missing is a failure. */
  readonly strict: boolean;
}

/** Reads the command line; a text says what is wrong with it. */
export function readRequest(args: readonly string[]): Request | string {
  const known = ['--strict', ...chartGroups, 'envoy', 'renderer'];
  const unknown = args.filter((arg) => !known.includes(arg));
  if (unknown.length > 0) return `unknown argument ${unknown.join(' ')}`;
  const alone = { groups: [], envoy: false, renderer: false, strict: true };
  if (args.includes('envoy')) return { ...alone, envoy: true };
  if (args.includes('renderer'))
    return { ...alone, renderer: true, strict: args.includes('--strict') };
  const asked = chartGroups.filter((group) => args.includes(group));
  return { ...alone, groups: [...clusterGroups, ...asked], strict: args.includes('--strict') };
}
