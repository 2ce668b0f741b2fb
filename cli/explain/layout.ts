const widest = 100;

/** A title with indented lines below it; '' without lines. */
export function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => indent(line)).join('\n')}`;
}

/** A text with two blanks before each of its lines. */
export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, '  ');
}

/** A text in lines of at most 100 characters, broken between words. */
export function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/u)) {
    if (line !== '' && line.length + word.length + 1 > widest) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}
