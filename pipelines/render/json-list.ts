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

const [quote, hash, tick, comma, backslash, open, close, openList, closeList] = Buffer.from(
  `"#',\\{}[]`,
) as unknown as readonly [number, number, number, number, number, number, number, number, number];

/**
 * Finds the items of a list in JSON, UTF-8, so that one item is parsed at a time and dropped before the next one.
 * Undefined for what has no `items`, or is no JSON but YAML.
 */
export function jsonList(bytes: Buffer): JsonList | undefined {
  const items: Span[] = [];
  let depth = 0;
  let list = -1;
  let start = -1;
  for (let at = 0; at < bytes.length; at += 1) {
    const mark = bytes[at];
    if (mark === quote) {
      at = endOfString(bytes, at);
    } else if (mark === open || mark === openList) {
      depth += 1;
      if (mark === openList && depth === 2 && list === -1 && isItems(bytes, at)) {
        list = at;
        start = at + 1;
      }
    } else if (mark === close || mark === closeList) {
      depth -= 1;
      if (list !== -1 && depth === 1) {
        items.push({ start, end: at });
        const rest = `${bytes.toString('utf8', 0, list)}[]${bytes.toString('utf8', at + 1)}`;
        return { items: withoutBlank(items, bytes), rest };
      }
    } else if (mark === comma && list !== -1 && depth === 2) {
      items.push({ start, end: at });
      start = at + 1;
    } else if (mark === hash || mark === tick) {
      return undefined;
    }
  }
  return undefined;
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
  for (let end = bytes.indexOf(quote, start + 1); end !== -1; end = bytes.indexOf(quote, end + 1)) {
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
