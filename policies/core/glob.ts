/** A test of names, compiled once. */
export type NameTest = (name: string) => boolean;

/**
 * Compiles a pattern in which `*` stands for any run of characters, none included; everything else stands for itself.
 * No regular expression is involved: leftmost search of each literal part, so that no name can make it backtrack.
 */
export function compileGlob(pattern: string): NameTest {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) {
    return (name) => name === first;
  }
  const inner = rest.filter((part) => part !== '');
  return (name) => matchesParts(name, first, inner, last);
}

/** True where one of the patterns matches; the patterns are compiled once. */
export function compileGlobs(patterns: readonly string[]): NameTest {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')));
  const globs = patterns.filter((pattern) => pattern.includes('*')).map(compileGlob);
  return (name) => exact.has(name) || globs.some((test) => test(name));
}

function matchesParts(
  name: string,
  first: string,
  inner: readonly string[],
  last: string,
): boolean {
  if (name.length < first.length + last.length) {
    return false;
  }
  if (!name.startsWith(first) || !name.endsWith(last)) {
    return false;
  }
  const end = name.length - last.length;
  let from = first.length;
  for (const part of inner) {
    const found = name.indexOf(part, from);
    if (found < 0 || found + part.length > end) {
      return false;
    }
    from = found + part.length;
  }
  return true;
}
