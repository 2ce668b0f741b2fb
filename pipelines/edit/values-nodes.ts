import { isObject, type Json, type JsonObject } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { parseDocuments } from '../render/parse-documents.ts';
import type { Place } from './place.ts';

/** A value somewhere in the values of a chart, and where it is written. */
export interface ValuesNode {
  readonly place: Place;
  /** Keys and indexes that lead to it within its document. */
  readonly path: readonly string[];
  readonly value: Json;
}

const mostNodes = 5000;

/** Every value of a text, the whole first; texts of several lines that hold values themselves are opened too. */
export function valuesNodes(text: string, within?: Place['within']): readonly ValuesNode[] {
  const nodes: ValuesNode[] = [];
  for (const document of parseDocuments(text).documents) {
    const pending: { readonly value: Json; readonly path: readonly string[] }[] = [
      { value: document.value, path: [] },
    ];
    for (const { value, path } of pending) {
      if (nodes.length >= mostNodes) {
        break;
      }
      const place: Place = {
        document,
        prefix: pointer(),
        at: pointer(...path),
        ...(within === undefined ? {} : { within }),
      };
      nodes.push({ place, path, value });
      if (isObject(value) || Array.isArray(value)) {
        for (const [key, item] of Object.entries(value as JsonObject)) {
          pending.push({ value: item, path: [...path, key] });
        }
      } else if (typeof value === 'string' && /:.*\n/u.test(value) && within === undefined) {
        nodes.push(...valuesNodes(value, { place, text: value }));
      }
    }
  }
  return nodes;
}
