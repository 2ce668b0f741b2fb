const mostNodes = 200_000;
const deepest = 500;

/**
 * Why a value that aliases share parts of must not be walked: it contains itself, or written out it is larger or
 * deeper than any object that the API server stores. Costs at most a fixed number of steps.
 */
export function aliasProblem(value: unknown): string | undefined {
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  let nodes = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    nodes += 1;
    if (nodes + pending.length > mostNodes) {
      return `its aliases stand for more than ${String(mostNodes)} values: write out what is needed`;
    }
    if (next.depth > deepest) {
      return `its aliases nest more than ${String(deepest)} levels deep, or contain themselves`;
    }
    if (typeof next.value === 'object' && next.value !== null) {
      for (const item of Object.values(next.value)) {
        pending.push({ value: item, depth: next.depth + 1 });
      }
    }
  }
  return undefined;
}

/** The same of what a YAML text was read as: only one that has both marks can have aliases. */
export function aliasProblemIn(text: string, value: unknown): string | undefined {
  return text.includes('&') && text.includes('*') ? aliasProblem(value) : undefined;
}
