import type { Substitution } from './recipe.ts';

const optOut = 'kustomize.toolkit.fluxcd.io/substitute';
const reference =
  /\$\$\{|\$\{([A-Za-z_]\w*)(?:(:?[=-])([^{}]*)|:(\d+)(?::(\d+))?|(\^{1,2}|,{1,2})|(\/{1,2})([^{}/]*)\/([^{}]*))?\}/gu;

/** Whether an object asks to be left as it is. */
export function refusesSubstitution(marks: Readonly<Record<string, string>>): boolean {
  return marks[optOut] === 'disabled';
}

/**
 * Replaces `${variable}` as Flux does after a build: `:=` and `:-` give defaults, `:4` and `:4:2` parts, `/a/b`
 * replacements, `^^` and `,,` cases; `$${` stays `${`. What is neither known nor has a default is left where the cluster
 * may know it, and an empty text elsewhere.
 */
export function substitute(text: string, { variables, complete }: Substitution): string {
  return text.replaceAll(reference, (all: string, name?: string, operator?: string, ...rest) => {
    if (name === undefined) {
      return '${';
    }
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const [fallback, ...change] = rest as (string | undefined)[];
    if (operator !== undefined) {
      const absent = value === undefined || (operator.startsWith(':') && value === '');
      return absent ? (fallback ?? '') : value;
    }
    if (value === undefined) {
      return complete ? '' : all;
    }
    return changed(value, change);
  });
}

function changed(
  value: string,
  [start, length, turn, slashes, from = '', to = '']: readonly (string | undefined)[],
): string {
  if (start !== undefined) {
    const end = length === undefined ? undefined : Number(start) + Number(length);
    return value.slice(Number(start), end);
  }
  if (slashes === '/') {
    return value.replace(from, () => to);
  }
  if (slashes !== undefined) {
    return value.replaceAll(from, () => to);
  }
  return turn === undefined ? value : turnCase(value, turn);
}

function turnCase(value: string, turn: string): string {
  const end = turn.length === 2 ? value.length : 1;
  const part = value.slice(0, end);
  return (turn.startsWith('^') ? part.toUpperCase() : part.toLowerCase()) + value.slice(end);
}
