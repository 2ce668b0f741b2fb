/** What somebody asks for in a comment. */
export type Command =
  | { readonly kind: 'recheck' }
  | { readonly kind: 'explain'; readonly policy: string }
  | { readonly kind: 'exempt'; readonly policy: string; readonly reason: string }
  /** Begins like a command and is none. */
  | { readonly kind: 'unknown' };

const longestReason = 500;

/** The command on the first line of a comment; undefined where it begins with none. */
export function parseCommand(body: string): Command | undefined {
  const [line = ''] = body.trimStart().split(/\r?\n/u);
  const [call, verb, policy, ...rest] = line.trim().split(/\s+/u);
  if (call !== '/meshgate') {
    return undefined;
  }
  const reason = rest.join(' ').slice(0, longestReason);
  if (verb === 'recheck' && policy === undefined) {
    return { kind: 'recheck' };
  }
  if (verb === 'explain' && policy !== undefined && rest.length === 0) {
    return { kind: 'explain', policy };
  }
  return verb === 'exempt' && policy !== undefined && reason !== ''
    ? { kind: 'exempt', policy, reason }
    : { kind: 'unknown' };
}
