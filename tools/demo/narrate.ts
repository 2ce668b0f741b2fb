const width = 100;

/** Starts a part of the demonstration. */
export function part(number: number, title: string, text: string): void {
  console.log(`\n${'='.repeat(width)}\n${number}. ${title}\n`);
  say(text);
}

/** Says something in lines that fit a terminal. */
export function say(text: string, indent = ''): void {
  let line = '';
  for (const word of text.split(/\s+/u)) {
    if (line !== '' && indent.length + line.length + word.length + 1 > width) {
      console.log(indent + line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  console.log(indent + line);
}

/** Shows what somebody types, or what a program answers, apart from what is said about it. */
export function show(text: string, mark = '  | '): void {
  console.log(
    text
      .trimEnd()
      .split('\n')
      .map((line) => `${mark}${line}`.trimEnd())
      .join('\n'),
  );
}
