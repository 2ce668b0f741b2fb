import { isObject, member, type Json } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';

/** The keys by which a node of FieldsV1 (`k:{...}`) names an element of a list; undefined for other nodes. */
export function keysIn(name: string): Readonly<Record<string, Json>> | undefined {
  const keys = name.startsWith('k:') ? parsed(name.slice(2)) : undefined;
  return isObject(keys) ? keys : undefined;
}

/** Whether a node of FieldsV1 names an element: by its keys (`k:`), its value (`v:`) or its index (`i:`). */
export function namesElement(name: string, element: Json | undefined, index?: number): boolean {
  if (name.startsWith('i:')) {
    return name === `i:${String(index)}`;
  }
  if (name.startsWith('v:')) {
    const value = parsed(name.slice(2));
    return value !== undefined && equalJson(value, element);
  }
  const keys = keysIn(name);
  return (
    keys !== undefined &&
    Object.entries(keys).every(([key, value]) => equalJson(member(element, key), value))
  );
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
