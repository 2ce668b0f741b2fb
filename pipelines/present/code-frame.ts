import type { LocatedFinding } from '../locate.ts';
import { plainLine } from './escape.ts';
import type { Style } from './style.ts';

const linesAround = 2;
const widest = 160;

/** The lines around a finding, numbered as in the file, with a caret under the place. */
export function codeFrame(
  { origin, line, column }: LocatedFinding,
  style: Style,
): readonly string[] {
  const index = line - origin.line;
  const lines = linesBetween(origin.text, index - linesAround, index + linesAround);
  const numbers = lines.map(([at]) => String(origin.line + at));
  const width = Math.max(...numbers.map((number) => number.length));
  return lines.flatMap(([at, source], position) => {
    const number = (numbers[position] ?? '').padStart(width);
    const shown = plainLine(source.replaceAll('\t', ' ').slice(0, widest));
    if (at !== index) {
      return [style.dim(`    ${number} | `) + shown];
    }
    const caret = plainLine(source.replaceAll('\t', ' ').slice(0, column - 1)).length;
    return [
      style.strong(`  > ${number} | `) + shown,
      style.dim(`    ${' '.repeat(width)} | `) +
        ' '.repeat(Math.min(caret, widest)) +
        style.red('^'),
    ];
  });
}

/** The lines of a text from one to another, counted from 0; those that do not exist are left out. */
function linesBetween(
  text: string,
  first: number,
  last: number,
): readonly (readonly [number, string])[] {
  const found: (readonly [number, string])[] = [];
  let start = 0;
  for (let line = 0; line <= last && start <= text.length; line += 1) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    if (line >= first && (end > start || newline !== -1)) {
      found.push([line, text.slice(start, end).replace(/\r$/u, '')]);
    }
    start = end + 1;
  }
  return found;
}
