import { isObject, type Json, type JsonObject } from '../../../policies/core/json.ts';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import type { DriftSettings } from '../../../policies/core/settings-drift.ts';
import { catalogue } from '../../../policies/index.ts';
import { findDrift } from '../../../pipelines/drift.ts';
import { indexDeclared } from '../../../pipelines/drift/declared.ts';
import { liveObjects } from '../../../pipelines/drift/live-objects.ts';
import type { LiveState } from '../../../pipelines/drift/live.ts';
import type { DriftReport } from '../../../pipelines/drift/report.ts';
import { parseDocuments } from '../../../pipelines/render/parse-documents.ts';

/** The moment at which tests compare. */
export const now = Date.UTC(2026, 5, 1);

/** The documents of a YAML text. */
export function objectsIn(text: string): readonly JsonObject[] {
  return parseDocuments(text).documents.map(({ value }) => value as JsonObject);
}

/** Compares what a text declares with live objects, or another source of them. */
export function compare(
  declared: string,
  live: string | readonly JsonObject[] | LiveState,
  settings: Partial<DriftSettings> = {},
  committedAt?: number,
): Promise<DriftReport> {
  const objects = typeof live === 'string' ? objectsIn(live) : live;
  const state = 'kinds' in objects ? objects : liveObjects('test', objects);
  return findDrift({
    declared: indexDeclared({
      texts: [{ file: 'app.yaml', text: declared, writable: true }],
      errors: [],
      notes: [],
    }),
    live: state,
    rules: {
      catalogue,
      settings: { ...defaultSettings, drift: { ...defaultSettings.drift, ...settings } },
      now,
    },
    ...(committedAt === undefined ? {} : { committedAt }),
  });
}

/** What a report says of fields, a line each: `verdict at manager`. */
export function fieldsOf({ drifts }: DriftReport): readonly string[] {
  return drifts.flatMap(({ verdict, fields }) =>
    fields.length === 0
      ? [verdict]
      : fields.map(({ at, class: drift, manager = '-' }) => `${drift} ${at} ${manager}`),
  );
}

/** An object with an owner of all that another one holds; more owners may follow. */
export function owned(
  object: JsonObject,
  ...entries: readonly (readonly [manager: string, fields: JsonObject, operation?: string])[]
): JsonObject {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const managedFields = entries.map(([manager, fields, operation = 'Apply'], index): Json => ({
    manager,
    operation,
    apiVersion: object['apiVersion'] ?? '',
    time: `2026-01-0${String(index + 1)}T00:00:00Z`,
    fieldsType: 'FieldsV1',
    fieldsV1: fieldsIn(fields),
  }));
  return { ...object, metadata: { ...metadata, managedFields } };
}

/** The FieldsV1 of an object whose lists are all atomic. */
function fieldsIn(value: Json): JsonObject {
  if (!isObject(value) || Object.keys(value).length === 0) return {};
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [`f:${key}`, fieldsIn(inner)]),
  );
}
