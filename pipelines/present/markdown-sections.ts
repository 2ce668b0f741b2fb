/** Something to show: in full where there is room, else in one line. */
export interface Item {
  readonly brief: string;
  readonly full: () => string;
}

/** A part of a comment, shown only where it has items. */
export interface Section {
  /** What stands before and after the items, such as a heading or `<details>`. */
  readonly open: string;
  readonly close: string;
  readonly items: readonly Item[];
  /** Sections of a lower number get room first. */
  readonly rank: number;
}

/**
 * A comment of at most `limit` bytes of UTF-8: every section keeps its frame; items get one line each, then their full
 * form, as long as there is room; what is left out is counted. Nothing is ever cut in the middle.
 */
export function composeSections(
  top: string,
  sections: readonly Section[],
  bottom: string,
  limit: number,
): string {
  const shown = sections.filter(({ items }) => items.length > 0);
  let room = limit - bytesOf(top) - bytesOf(bottom);
  for (const section of shown) {
    room -= bytesOf(frame(section, [], section.items.length));
  }
  const bodies = new Map<Section, readonly string[]>();
  for (const section of shown.toSorted((left, right) => left.rank - right.rank)) {
    const { parts, left } = fill(section.items, room);
    bodies.set(section, parts);
    room = left;
  }
  const texts = shown.map((section) => {
    const parts = bodies.get(section) ?? [];
    return frame(section, parts, section.items.length - parts.length);
  });
  return `${[top, ...texts].join('')}${bottom}`;
}

function fill(
  items: readonly Item[],
  room: number,
): { readonly parts: readonly string[]; readonly left: number } {
  const parts: string[] = [];
  let left = room;
  for (const { brief } of items) {
    const cost = bytesOf(brief) + 1;
    if (cost > left) {
      break;
    }
    left -= cost;
    parts.push(brief);
  }
  for (const [index, brief] of parts.entries()) {
    if (left <= 0) {
      break;
    }
    const full = items[index]?.full() ?? brief;
    const more = bytesOf(full) - bytesOf(brief);
    if (more <= left) {
      left -= more;
      parts[index] = full;
    }
  }
  return { parts, left };
}

function frame({ open, close }: Section, parts: readonly string[], missing: number): string {
  const body = parts.map((part) => `${part}\n`).join('');
  const tidy = body.trim() === '' ? '' : `${body.trim().replaceAll(/\n{3,}/gu, '\n\n')}\n`;
  const rest = missing === 0 ? '' : `\n${String(missing)} more not shown.\n`;
  return `${open}${tidy}${rest}${close}`;
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
