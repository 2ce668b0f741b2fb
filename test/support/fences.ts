/** A block of commands of a page, and the headings that it stands under. */
export interface CommandBlock {
  /** The nearest heading, without its marks. */
  readonly section: string;
  /** The heading of the second level above it. */
  readonly chapter: string;
  readonly commands: readonly string[];
}

/** The commands of a page's `console` blocks, one a line; a prompt is dropped. */
export function commandBlocks(markdown: string): readonly CommandBlock[] {
  const blocks: CommandBlock[] = [];
  let chapter = '';
  let section = '';
  let commands: string[] | undefined;
  for (const line of markdown.split('\n')) {
    const text = line.trim();
    const heading = /^(#{1,6}) (.+)$/u.exec(line);
    if (commands !== undefined) {
      if (text === '```') {
        blocks.push({ section, chapter, commands });
        commands = undefined;
      } else if (text !== '') {
        commands.push(text.replace(/^\$ /u, ''));
      }
    } else if (text === '```console') {
      commands = [];
    } else if (heading !== null) {
      section = heading[2] ?? '';
      if (heading[1] === '##') chapter = section;
    }
  }
  return blocks;
}
