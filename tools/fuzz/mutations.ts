import type { JsonObject } from '../../policies/core/json.ts';
import type { Random } from '../../test/support/random.ts';

/** A tree that may be changed. */
export type Tree = Record<string, unknown> | unknown[];

/** What stands in a text for something too deep or too large to be built as a tree; see {@link expand}. */
const marks = { lists: '@deep-lists@', objects: '@deep-objects@', text: '@huge-text@' } as const;
const depth = 20_000;
const hugeCharacters = 300_000;
/** They cost a hundred times what others do. */
const hugeShare = 0.005;

const oddValues: readonly [unknown, ...unknown[]] = [
  null,
  true,
  false,
  0,
  -1,
  3.5,
  1e308,
  '',
  ' ',
  '*',
  '\u0000',
  '\ud800',
  '💾',
  '../..',
  '__proto__',
  '1'.repeat(400),
  'x'.repeat(5_000),
  '9h9h',
  '-5s',
  'a: [b',
  'a: &x [*x]',
  'terminationDrainDuration: {}',
  '0.0.0.0/0',
  '::/0',
  '999.1.1.1',
  [],
  [null],
  [[]],
  ['x', 1, {}],
  {},
  { constructor: 1 },
  JSON.parse('{"__proto__":{"uid":"x"}}'),
];
const oddNames: readonly [string, ...string[]] = [
  '__proto__',
  'constructor',
  'length',
  '0',
  '',
  'a/b~c',
];

/** Changes one place of a tree: an odd value, a member gone, renamed, doubled, or put from elsewhere. */
export function mutateOnce(tree: Tree, elsewhere: Tree | JsonObject, random: Random): void {
  const { holder, key } = pickPlace(tree, random);
  if (key === undefined) {
    return;
  }
  const value = (holder as Record<string, unknown>)[key];
  switch (random.next(8)) {
    case 0:
      Reflect.deleteProperty(holder, key);
      break;
    case 1:
      define(holder, random.pick(oddNames), copied(value));
      break;
    case 2:
      define(holder, key, [value, copied(value)]);
      break;
    case 3: {
      const other = pickPlace(elsewhere, random);
      define(holder, key, copied((other.holder as Record<string, unknown>)[other.key ?? '']));
      break;
    }
    case 4:
      define(
        holder,
        key,
        random.chance(hugeShare) ? random.pick(Object.values(marks) as [string]) : {},
      );
      break;
    case 5:
      define(holder, key, random.chance(hugeShare) ? many(value, random) : [value]);
      break;
    default:
      define(holder, key, copied(random.pick(oddValues)));
  }
}

/** The text of a review with the marks replaced by what they stand for. */
export function expand(text: string): string {
  return text.includes('@')
    ? text
        .replaceAll(`"${marks.lists}"`, () => '['.repeat(depth) + ']'.repeat(depth))
        .replaceAll(`"${marks.objects}"`, () => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
        .replaceAll(`"${marks.text}"`, () => `"${'é'.repeat(hugeCharacters)}"`)
    : text;
}

/** The bytes of a text, damaged as a bad line or a bad client damages them. */
export function damage(text: string, random: Random): Buffer {
  const bytes = Buffer.from(text);
  const at = random.next(Math.max(bytes.length, 1));
  switch (random.next(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      bytes[at] = random.next(256);
      return bytes;
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes]);
    case 3:
      return Buffer.concat([Buffer.from('\ufeff'), bytes]);
    case 4:
      return Buffer.concat([bytes, Buffer.from(random.pick(['}', '\u0000', '{}', 'NaN']))]);
    default:
      return bytes.fill(random.next(256), at, Math.min(at + random.next(16), bytes.length));
  }
}

function pickPlace(
  tree: Tree | JsonObject,
  random: Random,
): { holder: Tree; key: string | undefined } {
  let holder = tree as Tree;
  for (;;) {
    const keys = Object.keys(holder);
    const key = keys[random.next(Math.max(keys.length, 1))];
    const inner = key === undefined ? undefined : (holder as Record<string, unknown>)[key];
    if (typeof inner !== 'object' || inner === null || random.chance(0.15)) {
      return { holder, key };
    }
    holder = inner as Tree;
  }
}

function many(model: unknown, random: Random): unknown {
  const count = 2_000;
  const value = typeof model === 'object' ? { a: null } : model;
  return random.chance(0.5)
    ? Array.from({ length: count }, () => value)
    : Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${String(index)}`, value]));
}

/** Later changes go into what was put in, which must be nobody else's. */
function copied(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function define(holder: Tree, key: string, value: unknown): void {
  if (!Array.isArray(holder) || key !== 'length') {
    const how = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(holder, key, how);
  }
}
