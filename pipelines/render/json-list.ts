/** Bytes from `start` up to `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a JSON list has its items. */
export interface JsonList {
  readonly items: readonly Span[];
  /** The JSON without its items. */
  readonly rest: string;
}

const itemsKey = /"items"\s*:\s*$/u;
const longestKey = 32;

const marks = Buffer.from(`"#',\\{}[]`);
const [quote, hash, tick, comma, backslash, open, close, openList, closeList] = marks;
const isMark = Uint8Array.from({ length: 256 }, (_, byte) => (marks.includes(byte) ? 1 : 0));

/**
 * Finds the items of a list in JSON, UTF-8, so that one item is parsed at a time and dropped before the next one.
 * Undefined for what has no `items`, or is no JSON but YAML.
 */
export function jsonList(bytes: Buffer): JsonList | undefined {
  const items: Span[] = [];
  let list = -1;
  let start = -1;
  let end = -1;
  walk(bytes, (mark, at, depth) => {
    if (list === -1) {
      if (mark === openList && depth === 2 && isItems(bytes, at)) {
        list = at;
        start = at + 1;
      }
    } else if (depth === 1) {
      end = at;
      items.push({ start, end });
    } else if (mark === comma && depth === 2) {
      items.push({ start, end: at });
      start = at + 1;
    }
    return end === -1 && mark !== hash && mark !== tick;
  });
  if (end === -1) {
    return undefined;
  }
  const rest = `${bytes.toString('utf8', 0, list)}[]${bytes.toString('utf8', end + 1)}`;
  return { items: withoutBlank(items, bytes), rest };
}

/** Calls back for what gives JSON its structure, with the depth after it, as long as that wants; strings are passed over. */
function walk(bytes: Buffer, onMark: (mark: number, at: number, depth: number) => boolean): void {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const mark = bytes[at] ?? 0;
    if (mark === quote) {
      at = endOfString(bytes, at);
    } else if (isMark[mark] === 1) {
      depth += depthChange(mark);
      if (!onMark(mark, at, depth)) {
        return;
      }
    }
  }
}

function depthChange(mark: number): number {
  if (mark === open || mark === openList) {
    return 1;
  }
  return mark === close || mark === closeList ? -1 : 0;
}

function isItems(bytes: Buffer, at: number): boolean {
  return itemsKey.test(bytes.toString('latin1', Math.max(0, at - longestKey), at));
}

/** What stands between the brackets of an empty list is no item. */
function withoutBlank(items: readonly Span[], bytes: Buffer): readonly Span[] {
  const [only, second] = items;
  const isBlank =
    only !== undefined &&
    second === undefined &&
    bytes.toString('latin1', only.start, only.end).trim() === '';
  return isBlank ? [] : items;
}

function endOfString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf('"', start + 1); end !== -1; end = bytes.indexOf('"', end + 1)) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) {
      slashes += 1;
    }
    if (slashes % 2 === 0) {
      return end;
    }
  }
  return bytes.length;
}
