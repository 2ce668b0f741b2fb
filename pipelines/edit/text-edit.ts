/** A replacement of a part of a text, by offsets in UTF-16 units. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** One edit, or why the source cannot be edited there. */
export type EditPlan = TextEdit | { readonly problem: string };

/** The text with one part replaced. */
export function applyEdit(text: string, edit: TextEdit): string {
  return text.slice(0, edit.start) + edit.text + text.slice(edit.end);
}

/** Offset of the first character of the line that holds `at`. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Offset of the line break that ends the line that holds `at`, or of the end of the text. */
export function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  if (newline === -1) {
    return text.length;
  }
  return text[newline - 1] === '\r' ? newline - 1 : newline;
}

/** How many characters precede `at` on its line. */
export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}
