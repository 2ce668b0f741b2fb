import {
  listIn,
  objectIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { paramIn } from './applicationset-params.ts';

/** Whether a set of params has what the label selector of a generator asks for. */
export function matchesSelector(selector: JsonObject): (params: JsonObject) => boolean {
  const labels = Object.entries(objectIn(selector, 'matchLabels'));
  const expressions = listIn(selector, 'matchExpressions');
  return (params) =>
    labels.every(([key, value]) => paramIn(params, key) === value) &&
    expressions.every((expression) => matchesExpression(params, expression));
}

function matchesExpression(params: JsonObject, expression: Json): boolean {
  const value = paramIn(params, stringIn(expression, 'key') ?? '');
  const values = listIn(expression, 'values');
  switch (stringIn(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
