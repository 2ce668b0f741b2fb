/**
 * Controls (C0 and C1), line separators and the marks that reorder text: what a terminal or a log would obey instead of
 * show. Manifests are written by others.
 */
const unsafe = /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;
const unsafeButLines =
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;

/** One line of text without anything that a terminal would obey; such characters are written as `\u{1b}`. */
export function plainLine(text: string): string {
  return text.replaceAll(unsafe, spell);
}

/** Like {@link plainLine}, but line breaks stay. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(unsafeButLines, spell);
}

function spell(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
