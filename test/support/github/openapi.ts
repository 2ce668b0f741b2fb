import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import {
  objectIn,
  listIn,
  stringIn,
  valueIn,
  type JsonObject,
} from '../../../policies/core/json.ts';

/** A request that GitHub's description knows, with what its path says. */
export interface KnownRequest {
  /** Such as `POST /repos/{owner}/{repo}/check-runs`. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Route {
  readonly name: string;
  readonly pattern: RegExp;
  readonly operation: JsonObject;
}

/** GitHub's published description (MIT), cut to the requests that are made of it; see `info` in the file. */
const description = JSON.parse(
  readFileSync(fileURLToPath(new URL('openapi.json', import.meta.url)), 'utf8'),
) as JsonObject;

const ajv = new Ajv({ strict: false, validateFormats: false, coerceTypes: true });
const validators = new Map<object, ValidateFunction>();
const routes: readonly Route[] = Object.entries(objectIn(description, 'paths')).flatMap(
  ([path, methods]) =>
    Object.entries(methods as JsonObject).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      pattern: new RegExp(
        `^${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/gu, '(?<$1>[^/]+)')}$`,
        'u',
      ),
      operation: operation as JsonObject,
    })),
);

/** Finds a request in GitHub's description and checks path, query and body against it; gives what is wrong. */
export function checkRequest(
  method: string,
  url: URL,
  body: unknown,
): KnownRequest | { readonly problem: string } {
  for (const { name, pattern, operation } of routes) {
    const match = pattern.exec(`${method} ${url.pathname}`);
    if (match === null) {
      continue;
    }
    const parameters = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    const problems = [
      ...checkParameters(operation, 'path', parameters),
      ...checkParameters(operation, 'query', Object.fromEntries(url.searchParams)),
      ...checkBody(operation, body),
    ];
    return problems.length === 0
      ? { route: name, parameters }
      : { problem: `${name}: ${problems.join('; ')}` };
  }
  return { problem: `${method} ${url.pathname} is not in GitHub's description` };
}

function checkParameters(
  operation: JsonObject,
  place: 'path' | 'query',
  values: Readonly<Record<string, string>>,
): readonly string[] {
  const declared = listIn(operation, 'parameters').filter((item) => stringIn(item, 'in') === place);
  const names = new Set(declared.map((item) => stringIn(item, 'name') ?? ''));
  const unknown = Object.keys(values).filter((name) => !names.has(name));
  const wrong = declared.flatMap((item) => {
    const name = stringIn(item, 'name') ?? '';
    const value = values[name];
    if (value === undefined) {
      return valueIn(item, 'required') === true ? [`${name} is missing`] : [];
    }
    return problemsOf(objectIn(item, 'schema'), { value }, (schema) => ({
      type: 'object',
      properties: { value: schema },
    })).map((text) => `${name}: ${text}`);
  });
  return [...unknown.map((name) => `unknown ${place} parameter ${name}`), ...wrong];
}

function checkBody(operation: JsonObject, body: unknown): readonly string[] {
  const schema = objectIn(operation, 'requestBody', 'content', 'application/json', 'schema');
  if (Object.keys(schema).length === 0) {
    return body === undefined ? [] : ['no body is expected'];
  }
  if (body === undefined) {
    return valueIn(operation, 'requestBody', 'required') === true ? ['the body is missing'] : [];
  }
  const allowed = Object.keys(objectIn(schema, 'properties'));
  const unknown = Object.keys(body as object).filter(
    (key) => allowed.length > 0 && !allowed.includes(key),
  );
  // Types are not coerced in a body, and its values stay as they were sent.
  return [
    ...unknown.map((key) => `unknown member ${key}`),
    ...problemsOf(schema, body, (same) => same),
  ];
}

const strictAjv = new Ajv({ strict: false, validateFormats: false });

function problemsOf(
  schema: JsonObject,
  value: unknown,
  wrap: (schema: JsonObject) => JsonObject,
): readonly string[] {
  const known = validators.get(schema);
  const wrapped = wrap(schema);
  const validate = known ?? (wrapped === schema ? strictAjv : ajv).compile(wrapped);
  validators.set(schema, validate);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message }) => `${instancePath} ${message ?? ''}`,
      );
}
