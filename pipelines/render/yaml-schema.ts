import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml';
import type { Json } from '../../policies/core/json.ts';
import { parseFloatText, parseNumber } from './yaml-numbers.ts';

const prefix = 'tag:yaml.org,2002:';
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    (word) => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
]);
/** The length of `false`. */
const longestWord = 5;
const never = (): boolean => false;

/** The key that merges other mappings into its own, where it is plain. */
export const mergeKey = '<<';

/** The ways to write null. */
export const nullTag = defineScalarTag(`${prefix}null`, {
  implicit: true,
  implicitFirstChars: ['', '~', 'n', 'N'],
  resolve: (source) => (nulls.has(source) ? null : NOT_RESOLVED),
  identify: never,
});

const booleanTag = defineScalarTag(`${prefix}bool`, {
  implicit: true,
  implicitFirstChars: [...'yYnNtTfFoO'],
  resolve: (source) => booleans.get(source) ?? NOT_RESOLVED,
  identify: never,
});

const integerTag = defineScalarTag(`${prefix}int`, {
  implicit: true,
  implicitFirstChars: [...'+-0123456789'],
  resolve(source, isExplicit) {
    const value = parseNumber(source);
    if (value === undefined || (isExplicit && !Number.isInteger(value))) {
      return NOT_RESOLVED;
    }
    return value;
  },
  identify: never,
});

const floatTag = defineScalarTag(`${prefix}float`, {
  implicit: true,
  implicitFirstChars: [...'+-.'],
  resolve: (source, isExplicit) =>
    parseFloatText(source) ?? (isExplicit ? parseNumber(source) : undefined) ?? NOT_RESOLVED,
  identify: never,
});

const timestampTag = defineScalarTag(`${prefix}timestamp`, {
  resolve: (source) => (/^\d{4}-\d/u.test(source) ? source : NOT_RESOLVED),
  identify: never,
});

const binaryTag = defineScalarTag(`${prefix}binary`, {
  resolve(source) {
    const packed = source.replaceAll(/\s/gu, '');
    const valid = packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/u.test(packed);
    return valid ? Buffer.from(packed, 'base64').toString('utf8') : NOT_RESOLVED;
  },
  identify: never,
});

/** JSON has only string keys: numbers and booleans are written out, null is refused. */
const stringKeyMapTag = defineMappingTag(`${prefix}map`, {
  ...mapTag,
  addPair(carrier: Record<string, unknown>, key, value) {
    if (typeof key === 'string' && key !== '__proto__') {
      carrier[key] = value;
      return '';
    }
    return key === null ? 'a key must not be null' : mapTag.addPair(carrier, key, value);
  },
});

const anyScalarTag = defineScalarTag('', {
  matchByTagPrefix: true,
  resolve: (source) => source,
  identify: never,
});
const anySequenceTag = defineSequenceTag('', { ...seqTag, matchByTagPrefix: true });
const anyMappingTag = defineMappingTag('', { ...stringKeyMapTag, matchByTagPrefix: true });

/** Texts, lists and mappings with the keys that JSON can have. */
export const collectionTags = [strTag, seqTag, stringKeyMapTag] as const;

/**
 * YAML as the API server's own library takes it (sigs.k8s.io/yaml, which is go-yaml v2): the booleans of YAML 1.1,
 * Go's integer syntax, timestamps as texts, unknown tags ignored. Source: go-yaml v2 `resolve.go`, compared with the
 * library itself in the tests.
 */
export const apiServerSchema: Schema = new Schema([
  ...collectionTags,
  nullTag,
  booleanTag,
  integerTag,
  floatTag,
  timestampTag,
  binaryTag,
  mergeTag,
  anyScalarTag,
  anySequenceTag,
  anyMappingTag,
]);

/** A plain key as the API server has it: the booleans of YAML 1.1 become `true` and `false`. */
export function spellKey(source: string): string {
  return String(booleans.get(source) ?? source);
}

/** What a plain scalar means in {@link apiServerSchema}; {@link mergeKey} stays a text. Throws a RangeError for `.inf` and `.nan`. */
export function resolvePlain(source: string): Json {
  const first = source.charAt(0);
  if (first >= '+' && first <= '9') {
    return numberOf(source, first) ?? source;
  }
  if (source.length > longestWord) {
    return source;
  }
  return nulls.has(source) ? null : (booleans.get(source) ?? source);
}

/** What begins with one of `+,-./` or a digit. */
function numberOf(source: string, first: string): number | undefined {
  const number = first === '.' ? undefined : parseNumber(source);
  return number ?? (first <= '.' ? parseFloatText(source) : undefined);
}
