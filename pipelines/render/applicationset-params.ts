import { isObject, valueIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import type { FileTree } from './file-tree.ts';

/** Generators within generators. */
export const mostNesting = 3;

/** The sets of params that a generator gives, or why it cannot be known here. */
export type Params = { readonly sets: readonly JsonObject[] } | { readonly problem: string };

/** What generators see. */
export interface GeneratorContext {
  readonly tree: FileTree;
  /** Params keep their structure; else they are flat texts, as for the older templates. */
  readonly goTemplate: boolean;
  /** Fills the templates in a generator with the params of the one before it, in a matrix. */
  fillTemplates(value: JsonObject, params: JsonObject): Promise<JsonObject | string>;
}

/** A param by its name, whether params are flat or keep their structure. */
export function paramIn(params: JsonObject, key: string): Json | undefined {
  return params[key] ?? valueIn(params, ...key.split('.'));
}

/** Params as the older templates have them: texts by dotted names. */
export function flatten(value: JsonObject, prefix = ''): JsonObject {
  const flat: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) {
    if (isObject(item)) {
      Object.assign(flat, flatten(item, `${prefix}${key}.`));
    } else {
      flat[`${prefix}${key}`] = typeof item === 'string' ? item : JSON.stringify(item);
    }
  }
  return flat;
}
