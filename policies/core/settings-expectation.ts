import type * as z from 'zod';

const longestList = 12;

/** An issue of a schema, worded or not. */
export type RawIssue = z.core.$ZodRawIssue | z.core.$ZodIssue;

/** The valid form as a phrase after "must be". */
export function expectation(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected];
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'too_small':
      return amount(
        issue.inclusive === false ? 'more than' : 'at least',
        issue.minimum,
        issue.origin,
      );
    case 'too_big':
      return amount(
        issue.inclusive === false ? 'less than' : 'at most',
        issue.maximum,
        issue.origin,
      );
    case 'not_multiple_of':
      return `a multiple of ${String(issue.divisor)}`;
    case 'invalid_format':
      return `in the form ${issue.pattern ?? issue.format}`;
    default:
      return undefined;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function amount(relation: string, limit: number | bigint, origin: string): string {
  switch (origin) {
    case 'string':
      return `a text whose length is ${relation} ${String(limit)}`;
    case 'array':
      return `a list whose length is ${relation} ${String(limit)}`;
    default:
      return `${relation} ${String(limit)}`;
  }
}

function oneOf(values: readonly string[]): string {
  if (values.length > longestList) {
    return `one of ${String(values.length)} known names`;
  }
  return values.length < 2
    ? values.join('')
    : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}
