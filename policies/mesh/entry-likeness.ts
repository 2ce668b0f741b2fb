import { listIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { equalJson } from '../core/patch.ts';
import type { Resource } from '../core/resource.ts';

const comparedFields = [
  'addresses',
  'location',
  'ports',
  'resolution',
  'endpoints',
  'workloadSelector',
];

/** Whether two ServiceEntries say the same of their hosts. */
export function areAlike(left: Resource, right: Resource): boolean {
  return comparedFields.every((field) =>
    equalJson(comparable(left, field), comparable(right, field)),
  );
}

function comparable(entry: Resource, field: string): Json | undefined {
  const value = valueIn(entry.object, 'spec', field);
  if (field !== 'ports') {
    return value;
  }
  return listIn(entry.object, 'spec', 'ports').map((port) => [
    valueIn(port, 'number') ?? null,
    valueIn(port, 'targetPort') ?? null,
    (stringIn(port, 'protocol') ?? '').toUpperCase(),
  ]);
}
