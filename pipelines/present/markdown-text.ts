import { plainLine } from './escape.ts';

/** Invisible characters that a page would hide beside those that `escape.ts` spells: tags, soft hyphens, lone surrogates. */
const unseen = /[\u00AD\u180E\uFFF9-\uFFFB\u{E0000}-\u{E007F}]|\p{Cs}/gu;

/** Breaks what GitHub turns into a mention, a reference or a link, without changing how it reads. */
const breaker = '\u200B';

const longestProse = 4000;
const longestCode = 300;

/** Text of others on one line of prose: no markup, no HTML, no mention, no link comes out of it. */
export function prose(text: string): string {
  return visible(plainLine(shorten(text.replaceAll(/\s+/gu, ' ').trim(), longestProse)))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~$]/gu, String.raw`\$&`)
    .replaceAll(/[@#]/gu, `$&${breaker}`)
    .replaceAll(/:(?=\/\/)|\bwww(?=\.)|\bGH(?=-)/giu, `$&${breaker}`)
    .replace(/^(?:[-+=]|\d+(?=[.)]))/u, `${breaker}$&`);
}

/** Text of others as code within a line; its delimiters are longer than any run of backticks inside. */
export function codeSpan(text: string): string {
  const line = withoutComments(visible(plainLine(shorten(text, longestCode))));
  const delimiter = '`'.repeat(longestRun(line) + 1);
  const padding = line.startsWith('`') || line.endsWith('`') || line.trim() === '' ? ' ' : '';
  return `${delimiter}${padding}${line}${padding}${delimiter}`;
}

/** Text of others as code within HTML, where Markdown is not read. */
export function htmlCode(text: string): string {
  const escaped = visible(plainLine(shorten(text, longestCode)))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return `<code>${escaped}</code>`;
}

/** Lines of others as a fenced block; the fence is longer than any run of backticks inside. */
export function fence(language: string, lines: readonly string[]): string {
  const body = lines.map((line) => withoutComments(visible(plainLine(line)))).join('\n');
  const marks = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${marks}${language}\n${body}\n${marks}`;
}

/** Our own marker is a comment, so no text of others may hold one, not even as code. */
function withoutComments(text: string): string {
  return text.replaceAll('<!--', `<${breaker}!--`);
}

function visible(text: string): string {
  return text.replaceAll(
    unseen,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The text, cut between characters where it is longer than `most` UTF-16 units. */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).replace(/\p{Cs}$/u, '')}…` : text;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/gu)) {
    longest = Math.max(longest, run.length);
  }
  return longest;
}
