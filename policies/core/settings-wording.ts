import { builtinPolicies } from './builtin.ts';
import { suggestion } from './nearest.ts';
import { expectation, type RawIssue } from './settings-expectation.ts';

const longestValue = 60;

/** Our words for an issue that a schema does not word itself; '' where its place in the schema must tell. */
export function explain(issue: RawIssue): string {
  const form = expectation(issue);
  if (form === undefined) {
    return '';
  }
  if (issue.input === undefined) {
    return `is required: ${form}`;
  }
  const unquoted = issue.code === 'invalid_type' && issue.expected === 'string';
  const hint = unquoted && isScalar(issue.input) ? '; quote it' : '';
  return `must be ${form}, but is ${show(issue.input)}${hint}${nearValue([issue], issue.input)}`;
}

/** What to say of a value that none of several forms takes; `issues` hold what each form expects. */
export function explainAlternatives(issues: readonly RawIssue[], input: unknown): string {
  const forms = new Set(issues.map(expectation).filter((form) => form !== undefined));
  return `must be ${[...forms].join(', or ')}, but is ${show(input)}${nearValue(issues, input)}`;
}

function nearValue(issues: readonly RawIssue[], input: unknown): string {
  const values = issues.flatMap((issue) =>
    issue.code === 'invalid_value' ? issue.values.map(String) : [],
  );
  return typeof input === 'string' ? suggestion(input, values) : '';
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof Date;
}

function show(value: unknown): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty list' : 'a list';
  }
  if (typeof value === 'object' && value !== null) {
    return value instanceof Date ? 'a date' : 'a mapping';
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > longestValue ? `${text.slice(0, longestValue)}...` : text;
}

/** What to say of a key that the part of the schema at `path` does not have; `valid` are those it has. */
export function unknownKey(
  path: readonly PropertyKey[],
  key: string,
  valid: readonly string[],
): string {
  const parent = path.at(-1);
  if (parent !== 'policies') {
    const noun = parent === 'params' ? 'unknown param' : 'unknown key';
    return `${noun}${suggestion(key, valid) || listed(valid)}`;
  }
  if (builtinPolicies.some((policy) => policy.id === key)) {
    return 'is a finding of meshgate about itself, which has no settings';
  }
  return `unknown policy${suggestion(key, valid) || '; `meshgate policies` lists them'}`;
}

function listed(valid: readonly string[]): string {
  return valid.length === 0 ? '; there are none here' : `; valid are ${valid.join(', ')}`;
}
