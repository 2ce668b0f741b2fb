import {
  isObject,
  member,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { hiddenValue, maskValue } from '../compare/mask.ts';
import type { Path } from './differences.ts';

const credential = /pass|secret|token|credential|private|api_?key|auth/iu;
const secretHeader = /^(?:authorization|proxy-authorization|cookie|set-cookie|x-api-key)$/iu;

/** Where kinds hold free configuration of extensions, which may hold anything. */
const freeForm: ReadonlyMap<string, RegExp> = new Map([
  ['EnvoyFilter', /^\/spec\/configPatches\/\d+\/patch\/value/u],
  ['WasmPlugin', /^\/spec\/(?:pluginConfig|vmConfig\/env)/u],
  ['TrafficExtension', /^\/spec\/(?:wasm\/(?:pluginConfig|vmConfig\/env)|lua)/u],
]);

/**
 * A value of an object as a report may show it: nothing of a Secret, no private key, no text of an extension's free
 * configuration, no environment variable and no header whose name suggests a credential. Reports may be public.
 */
export function hideValue(object: JsonObject, path: Path, value: Json): Json {
  const kind = stringIn(object, 'kind') ?? '';
  const apiVersion = stringIn(object, 'apiVersion') ?? '';
  const masked = maskValue({ kind, apiVersion }, pointer(...path), value);
  if (isCredential(object, path)) {
    return hiddenValue;
  }
  return hidden(masked, pointer(...path), freeForm.get(kind));
}

function hidden(value: Json, at: string, free: RegExp | undefined): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, index) =>
      hidden(item, `${at}/${String(index)}`, free),
    );
  }
  if (isObject(value)) {
    const name = stringIn(value, 'name') ?? '';
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        (key === 'value' && typeof inner === 'string' && credential.test(name)) ||
        (typeof inner === 'string' && secretHeader.test(key))
          ? hiddenValue
          : hidden(inner, `${at}/${key}`, free),
      ]),
    );
  }
  return typeof value === 'string' && free?.test(at) === true ? hiddenValue : value;
}

/** Whether a path leads to the value of a variable or header whose name suggests a credential. */
function isCredential(object: JsonObject, path: Path): boolean {
  const last = path.at(-1);
  if (typeof last === 'string' && secretHeader.test(last)) {
    return true;
  }
  if (last !== 'value') {
    return false;
  }
  let holder: Json | undefined = object;
  for (const step of path.slice(0, -1)) {
    holder = Array.isArray(holder)
      ? (holder as readonly Json[])[Number(step)]
      : member(holder, String(step));
  }
  return credential.test(stringIn(holder, 'name') ?? '');
}
