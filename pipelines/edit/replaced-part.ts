import type { Json } from '../../policies/core/json.ts';

/**
 * What a value would have to be for a field that shows it, as a whole or as a part of its text, to become another one;
 * undefined where the field does not show it, or would differ elsewhere too.
 */
export function replacedPart(before: Json, after: Json, shown: Json): Json | undefined {
  if (shown === before) {
    return after;
  }
  const [old, now, part] = [textOf(before), textOf(after), textOf(shown)];
  if (old === undefined || now === undefined || part === undefined) {
    return undefined;
  }
  for (
    let start = part === '' ? -1 : old.indexOf(part);
    start >= 0;
    start = old.indexOf(part, start + 1)
  ) {
    const rest = old.slice(start + part.length);
    const head = old.slice(0, start);
    if (now.startsWith(head) && now.endsWith(rest) && now.length > head.length + rest.length) {
      return typed(now.slice(start, now.length - rest.length), shown);
    }
  }
  return undefined;
}

/** As a template would print it. */
function textOf(value: Json): string | undefined {
  return typeof value === 'object' ? undefined : String(value);
}

/** A number stays one, so that a template that calculates with it goes on doing so. */
function typed(text: string, like: Json): Json {
  return typeof like === 'number' && /^(?:0|[1-9]\d*)$/u.test(text) ? Number(text) : text;
}
