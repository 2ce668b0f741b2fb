import { isObject, type Json, type JsonObject } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';

/** What stands for a value that is another one in each render. */
const randomValue = '(differs in each render)';

/** Functions of templates that give something else in each render. */
const varying =
  /\b(?:rand\w*|gen(?:CA|SelfSigned|Signed|PrivateKey)\w*|uuidv4|now|ago|date\w*|htmlDate\w*|dateInZone|bcrypt|htpasswd|encryptAES|shuffle|derivePassword)\b/u;

/** Whether a template may give something else the next time. */
export function mayVary(text: string): boolean {
  return varying.test(text);
}

/** One of two renders of the same, with {@link randomValue} in the place of whatever differs between them. */
export function withoutRandom(first: JsonObject, second: JsonObject | undefined): JsonObject {
  return settle(first, second) as JsonObject;
}

function settle(first: Json, second: Json | undefined): Json {
  if (isObject(first) && isObject(second)) {
    return Object.fromEntries(
      Object.entries(first).map(([key, value]) => [key, settle(value, second[key])]),
    );
  }
  if (Array.isArray(first) && Array.isArray(second) && first.length === second.length) {
    const other = second as readonly Json[];
    return (first as readonly Json[]).map((value, index) => settle(value, other[index]));
  }
  return equalJson(first, second) ? first : randomValue;
}
