import { isObject, type Json } from '../../policies/core/json.ts';
import { parseDocument } from '../render/parse-documents.ts';

/** How a document is laid out, so that what is added looks like what is there. */
export interface Layout {
  /** Spaces that one level of nesting takes. */
  readonly step: number;
  /** `\n` or `\r\n`. */
  readonly newline: string;
}

/** A key and its value as lines of block style, without a line break at the end. */
export function blockPair(
  key: string,
  value: Json,
  indent: number,
  layout: Layout,
): readonly string[] {
  const head = `${' '.repeat(indent)}${scalarText(key)}:`;
  return withHead(head, value, indent, layout);
}

/** The lines of a value that follows `head`, on the same line where it fits there. */
export function withHead(
  head: string,
  value: Json,
  indent: number,
  layout: Layout,
): readonly string[] {
  if (typeof value === 'string' && isBlockText(value)) {
    const chomping = value.endsWith('\n') ? '' : '-';
    return [`${head} |${chomping}`, ...blockLines(value, indent + layout.step)];
  }
  if (isObject(value) && Object.keys(value).length > 0) {
    const pairs = Object.entries(value);
    return [
      head,
      ...pairs.flatMap(([key, item]) => blockPair(key, item, indent + layout.step, layout)),
    ];
  }
  if (Array.isArray(value) && value.length > 0) {
    return [head, ...(value as readonly Json[]).flatMap((item) => itemLines(item, indent, layout))];
  }
  return [`${head} ${flowText(value)}`];
}

/** An item of a list as lines; a mapping begins on the line of its dash. */
export function itemLines(value: Json, indent: number, layout: Layout): readonly string[] {
  const dash = `${' '.repeat(indent)}- `;
  if (!isObject(value) || Object.keys(value).length === 0) {
    return [`${dash}${flowText(value)}`];
  }
  return Object.entries(value)
    .flatMap(([key, inner]) => blockPair(key, inner, indent + 2, layout))
    .map((line, index) => (index === 0 ? `${dash}${line.slice(indent + 2)}` : line));
}

/** The content lines of a literal block scalar. */
export function blockLines(text: string, indent: number): readonly string[] {
  return text
    .replace(/\n$/u, '')
    .split('\n')
    .map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`));
}

/** Whether a text of several lines can stand in a literal block scalar as it is. */
export function isBlockText(text: string): boolean {
  return text.includes('\n') && !/^[ \t\n]|\n\n$|[^\n\t\u0020-\u007E\u00A0-\uD7FF]/u.test(text);
}

/** A value on one line, as flow style within block style. */
export function flowText(value: Json): string {
  return typeof value === 'string' ? scalarText(value) : JSON.stringify(value);
}

/** A text as a plain scalar where the API server reads it back as this text, else in quotes. */
function scalarText(text: string): string {
  const plain = /^[\w./][\w./@%+-]*(?: [\w./@%+-]+)*$/u.test(text);
  return plain && readsAs(text, text) ? text : JSON.stringify(text);
}

/** Whether a scalar, as it would be written, is read as this value. */
export function readsAs(source: string, value: Json): boolean {
  const reading = parseDocument(`v: ${source}\n`);
  return 'value' in reading && isObject(reading.value) && reading.value['v'] === value;
}
