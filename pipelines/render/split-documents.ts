/** One YAML document within a file. */
export interface DocumentText {
  readonly text: string;
  /** The line in the file on which `text` begins, from 1. */
  readonly line: number;
  /** Offset of `text` in the file, in UTF-16 units. */
  readonly offset: number;
}

const marks = /(?:^|\n)(?:---|\.\.\.)(?=[ \t\r\n]|$)/gu;
/** The same, and the line break between two objects, in a text that begins with one and with no template. */
const jsonMarks = /(?:^|\n)(?:---|\.\.\.)(?=[ \t\r\n]|$)|\}[ \t\r]*\n(?=\{(?!\{))/gu;
const jsonStart = /^\s*\{(?!\{)/u;
const empty = /^(?:---)?\s*$/u;
const onlyDirectives = /^\u{FEFF}?(?:%[^\n]*\n|[ \t]*(?:#[^\n]*|\r)?\n)+$/u;

/**
 * Cuts a file where a line begins with `---` or `...`, which always separates documents, so that one broken document
 * does not hide the others. A `---` stays with the document that it opens, directives with the one that they precede.
 * JSON objects may follow one another without a mark, as kubectl has it.
 */
export function splitDocuments(text: string): readonly DocumentText[] {
  const documents: DocumentText[] = [];
  let start = 0;
  let line = 1;
  for (const end of cuts(text)) {
    const part = text.slice(start, end);
    if (end < text.length && part.includes('%') && onlyDirectives.test(part)) {
      continue;
    }
    if (!empty.test(part)) {
      documents.push({ text: part, line, offset: start });
    }
    line += countLines(text, start, end);
    start = end;
  }
  return documents;
}

/** How many lines end between two offsets. */
function countLines(text: string, start: number, end: number): number {
  let lines = 0;
  let at = text.indexOf('\n', start);
  while (at !== -1 && at < end) {
    lines += 1;
    at = text.indexOf('\n', at + 1);
  }
  return lines;
}

/** Offsets at which a part ends: before a line `---`, after a line `...` or a JSON object, and at the end. */
function* cuts(text: string): Generator<number> {
  for (const { 0: mark, index } of text.matchAll(jsonStart.test(text) ? jsonMarks : marks)) {
    if (mark.startsWith('}')) {
      yield index + mark.length;
      continue;
    }
    if (mark.endsWith('-')) {
      yield mark.startsWith('\n') ? index + 1 : index;
      continue;
    }
    const lineEnd = text.indexOf('\n', index + 1);
    yield lineEnd === -1 ? text.length : lineEnd + 1;
  }
  yield text.length;
}
