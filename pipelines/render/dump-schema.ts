import { defineScalarTag, NOT_RESOLVED, Schema } from 'js-yaml';
import { collectionTags, nullTag } from './yaml-schema.ts';

const prefix = 'tag:yaml.org,2002:';
const never = (): boolean => false;
const integer = /^-?(?:0|[1-9]\d*)$/u;
const fraction = /^-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]\d+)$/u;

const booleanTag = defineScalarTag(`${prefix}bool`, {
  implicit: true,
  implicitFirstChars: ['t', 'f'],
  resolve: (source) => (source === 'true' || source === 'false' ? source === 'true' : NOT_RESOLVED),
  identify: never,
});

const numberTag = defineScalarTag(`${prefix}float`, {
  implicit: true,
  implicitFirstChars: [...'-0123456789'],
  resolve: (source) =>
    integer.test(source) || fraction.test(source) ? Number(source) : NOT_RESOLVED,
  identify: never,
});

/**
 * YAML as programs write it: what is no plain JSON boolean or number was a text, whichever version of YAML the writer had
 * in mind. People write `y` and `0644` and mean something; a program quotes what its own version would misread.
 */
export const dumpSchema: Schema = new Schema([...collectionTags, nullTag, booleanTag, numberTag]);
