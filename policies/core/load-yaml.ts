import { YAMLException } from 'js-yaml';
import { isObject } from './json.ts';

/** So many characters are read again at most, to forgive indentation that Go's parser does not ask for. */
const mostReadAgain = 5_000_000;
const deepestNamed = 1000;
const quotedOrTab = /"(?:[^"\\]|\\.)*"|'[^']*'|\t/gu;
const blockScalar = /[|>][-+0-9]{0,2}[ \t]*(?:#.*)?\r?\n/u;
/** Of a private use area: no manifest holds it, and a scalar keeps it as it is. */
const endMark = '\u{F8FE}';

/**
 * What `load` makes of a YAML text by js-yaml, as Go's parsers would have it where js-yaml does otherwise: what is in
 * brackets or quotes may stand left of the block that it is in, and a block scalar with which the text ends has no line
 * break that is not there.
 */
export function loadYaml<Value>(text: string, load: (text: string) => Value): Value {
  const found = readIndented(text, load);
  return !/[\r\n]$/u.test(text) && blockScalar.test(text) && !text.includes(endMark)
    ? (loadUnended(text, load) ?? found)
    : found;
}

/** Undefined where it is no block scalar with which the text ends. */
function loadUnended<Value>(text: string, load: (text: string) => Value): Value | undefined {
  try {
    const holder = { found: readIndented(text + endMark, load) };
    return takeMark(holder, new Set()) ? holder.found : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the mark and the line break after it from the only text that has both; an alias is looked at once. */
function takeMark(container: object, seen: Set<object>): boolean {
  if (seen.has(container)) {
    return false;
  }
  seen.add(container);
  const fields = container as Record<string, unknown>;
  for (const [key, value] of Object.entries(container)) {
    if (typeof value === 'string' && value.endsWith(`${endMark}\n`)) {
      fields[key] = value.slice(0, -endMark.length - 1);
      return true;
    }
    if ((isObject(value) || Array.isArray(value)) && takeMark(value, seen)) {
      return true;
    }
  }
  return false;
}

/**
 * What `read` makes of a text by js-yaml, of one with more indentation where it does not forgive that there is less of
 * it in brackets or quotes, and with spaces where it takes a tab within a line for indentation.
 */
export function readIndented<Value>(text: string, read: (text: string) => Value): Value {
  let mended = text;
  let done = -1;
  for (let length = text.length; ; length += mended.length) {
    try {
      return read(mended);
    } catch (error) {
      const place = length < mostReadAgain ? shallowPlace(error, mended) : undefined;
      const instead = place === undefined ? undefined : lineStart(text, place, done);
      if (place === undefined || instead === undefined) {
        throw error;
      }
      mended = mended.slice(0, place.line) + instead + mended.slice(place.at);
      done = place.line;
    }
  }
}

/** A place in a text that stands too far left for js-yaml, in brackets or quotes or behind a tab. */
interface ShallowPlace {
  /** Where its line begins. */
  readonly line: number;
  readonly at: number;
  /** What its line holds before it. */
  readonly before: string;
}

function shallowPlace(error: unknown, text: string): ShallowPlace | undefined {
  if (!(error instanceof YAMLException) || error.reason !== 'deficient indentation') {
    return undefined;
  }
  const at = error.mark?.position ?? 0;
  const line = text.lastIndexOf('\n', at - 1) + 1;
  return { line, at, before: text.slice(line, at) };
}

/** What to have before a place so that js-yaml reads on; undefined where that was done, or nothing can be. */
function lineStart(text: string, { line, before }: ShallowPlace, done: number): string | undefined {
  if (before.trim() === '') {
    return line > done ? deepestIndent(text) : undefined;
  }
  const spaced = before.replaceAll(quotedOrTab, (found) => (found === '\t' ? ' ' : found));
  return spaced === before ? undefined : spaced;
}

function deepestIndent(text: string): string {
  let deepest = '';
  for (const [indent] of text.matchAll(/^[- ]+/gmu)) {
    deepest = indent.length > deepest.length ? indent : deepest;
  }
  return `${deepest.slice(0, deepestNamed).replaceAll('-', ' ')} `;
}
