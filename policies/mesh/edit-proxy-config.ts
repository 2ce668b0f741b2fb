import { isObject, type JsonObject } from '../core/json.ts';
import { equalJson } from '../core/patch.ts';
import { readLooseYaml } from '../core/yaml.ts';
import { snakeCase } from './mesh-config.ts';

/** Places of a key that are tried; more are no honest configuration. */
const mostKeys = 8;

/**
 * The text of `proxy.istio.io/config` with one setting added or replaced; every other byte (comments, order, line
 * ends, spelling) stays. Undefined where the text cannot be edited so that it reads as wanted.
 */
export function editProxyConfig(
  text: string | undefined,
  key: string,
  value: string,
): string | undefined {
  const reading = readLooseYaml(text ?? '');
  if ('problem' in reading || !(reading.value === null || isObject(reading.value))) {
    return undefined;
  }
  const before = reading.value ?? {};
  const written = Object.hasOwn(before, snakeCase(key)) ? snakeCase(key) : key;
  const wanted: JsonObject = { ...before, [written]: value };
  const source = text ?? '';
  if (equalJson(before, wanted)) {
    return source;
  }
  const replaced = Object.hasOwn(before, written);
  const candidates = replaced
    ? replacements(source, written, value)
    : insertions(source, written, value);
  for (const candidate of candidates) {
    if (reads(candidate, wanted)) {
      return candidate;
    }
  }
  return undefined;
}

function insertions(source: string, key: string, value: string): readonly string[] {
  const eol = source.includes('\r\n') ? '\r\n' : '\n';
  const brace = /^\s*\{/u.exec(source);
  if (brace !== null) {
    const rest = source.slice(brace[0].length);
    const separator = /^\s*\}/u.test(rest) ? '' : ', ';
    return [
      `${brace[0]}"${key}": "${value}"${separator}${separator === '' ? rest : rest.trimStart()}`,
    ];
  }
  const indent = /^([ ]*)[^\s#]/mu.exec(source)?.[1] ?? '';
  const line = `${indent}${key}: ${value}`;
  // A text without a line break at its end keeps it so, since its source may be a block scalar that says so.
  const ended = source === '' || source.endsWith('\n');
  return [ended ? `${source}${line}${eol}` : `${source}${eol}${line}`, `${line}${eol}${source}`];
}

/** Puts the value in the place of the first scalar after the key that reads as wanted; positions, not patterns, so linear. */
function replacements(source: string, key: string, value: string): Iterable<string> {
  const quoted = /^\s*\{/u.test(source) ? `"${value}"` : value;
  return keyEnds(source, key)
    .map((end) => scalarAfter(source, end))
    .map(
      ({ start, end }) =>
        `${source.slice(0, start)}${start === end ? ' ' : ''}${quoted}${source.slice(end)}`,
    );
}

/** The positions after each `key:` in the text, however the key is quoted. */
function keyEnds(source: string, key: string): readonly number[] {
  const ends: number[] = [];
  for (let at = source.indexOf(key); at >= 0; at = source.indexOf(key, at + key.length)) {
    const colon = /^["']?[ \t]{0,8}:/u.exec(source.slice(at + key.length, at + key.length + 10));
    if (colon !== null) {
      ends.push(at + key.length + colon[0].length);
    }
  }
  return ends.slice(0, mostKeys);
}

function scalarAfter(
  source: string,
  from: number,
): { readonly start: number; readonly end: number } {
  const lineEnd = /[\r\n]/u.exec(source.slice(from))?.index ?? source.length - from;
  const line = source.slice(from, from + lineEnd);
  const text = line.trimStart();
  const start = from + line.length - text.length;
  const quote = text.startsWith('"') || text.startsWith("'") ? text.charAt(0) : undefined;
  const closing = quote === undefined ? -1 : text.indexOf(quote, 1);
  if (closing > 0) {
    return { start, end: start + closing + 1 };
  }
  const stops = [
    text.indexOf(' #'),
    text.indexOf('\t#'),
    text.indexOf(','),
    text.indexOf('}'),
  ].filter((stop) => stop >= 0);
  const scalar = text.slice(0, Math.min(text.length, ...stops)).trimEnd();
  return scalar.startsWith('#')
    ? { start: from, end: from }
    : { start, end: start + scalar.length };
}

function reads(text: string, wanted: JsonObject): boolean {
  const reading = readLooseYaml(text);
  return 'value' in reading && equalJson(reading.value, wanted);
}
