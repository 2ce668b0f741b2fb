import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  stringMapIn,
  type Json,
  type JsonObject,
} from '../core/json.ts';

/** The label by which a namespace or a Pod asks for ambient mode. */
export const ambientLabel = 'istio.io/dataplane-mode';

/** Labels of an object or of a pod template. */
export type Labels = Readonly<Record<string, string>>;

/** Whether every wanted label is there with that very value; no wanted label matches everything. */
export function matchesLabels(wanted: Labels, labels: Labels): boolean {
  for (const key of Object.keys(wanted)) {
    if (!Object.hasOwn(labels, key) || labels[key] !== wanted[key]) {
      return false;
    }
  }
  return true;
}

/** A Kubernetes LabelSelector (`matchLabels`, `matchExpressions`); an empty one matches everything, an absent one nothing. */
export function matchesSelector(selector: Json | undefined, labels: Labels): boolean {
  if (!isObject(selector) || !matchesLabels(stringMapIn(selector, 'matchLabels'), labels)) {
    return false;
  }
  return listIn(selector, 'matchExpressions').every((expression) =>
    matchesExpression(objectIn(expression), labels),
  );
}

function matchesExpression(expression: JsonObject, labels: Labels): boolean {
  const key = stringIn(expression, 'key') ?? '';
  const present = Object.hasOwn(labels, key);
  const among = present && listIn(expression, 'values').includes(labels[key] ?? '');
  switch (stringIn(expression, 'operator')) {
    case 'In':
      return among;
    case 'NotIn':
      return !among;
    case 'Exists':
      return present;
    case 'DoesNotExist':
      return !present;
    default:
      return false;
  }
}
