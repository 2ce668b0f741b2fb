import * as z from 'zod';
import { isObject, objectIn, type Json, type JsonObject } from './json.ts';
import { pointer } from './pointer.ts';
import type { Policy } from './policy.ts';
import type { MeshFacts, Settings } from './settings.ts';
import { defaultDriftSettings } from './settings-drift.ts';
import { findProblems, type SettingsProblem } from './settings-problems.ts';
import { settingsApiVersion, settingsKind, settingsSchema } from './settings-schema.ts';

// Each schema reads one document: what zod would compile for it costs more than it saves.
z.config({ jitless: true });

/** The settings where there is no `meshgate.yaml`: every policy in its default mode, nothing exempt. */
export const defaultSettings: Settings = Object.freeze({
  mesh: {},
  policies: {},
  scopes: [],
  exemptions: [],
  annotationExemptions: { namespaces: [] },
  admission: { fill: true },
  drift: defaultDriftSettings,
  files: { ignore: [] },
  render: { apiVersions: [], ignore: [], substitute: {}, roots: [] },
});

/** Settings, or everything that is wrong with the document that should hold them. */
export type SettingsReading =
  { readonly settings: Settings } | { readonly problems: readonly SettingsProblem[] };

/**
 * Reads the parsed `meshgate.yaml`, checked strictly against a catalogue. Params are checked but kept as given, so
 * that scopes can be merged into them by key. Never throws, whatever the document.
 */
export function readSettings<Mesh>(
  document: unknown,
  catalogue: readonly Policy<Mesh>[],
): SettingsReading {
  const problem = documentProblem(document);
  if (problem !== undefined) {
    return { problems: [{ path: pointer(), text: problem }] };
  }
  const plain = withPlainModes(withoutEmptySections(document as JsonObject));
  const problems = findProblems(settingsSchema(catalogue), plain);
  return problems.length > 0 ? { problems } : { settings: completed(plain) };
}

/** The JSON Schema (draft 7, which YAML editors know best) of `meshgate.yaml` for a catalogue. */
export function settingsJsonSchema<Mesh>(catalogue: readonly Policy<Mesh>[]): JsonObject {
  const schema = z.toJSONSchema(settingsSchema(catalogue), {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return {
    ...(schema as JsonObject),
    title: settingsKind,
    description: 'The configuration of meshgate.',
  };
}

function documentProblem(document: unknown): string | undefined {
  if (document === null || document === undefined) {
    return `the document is empty; it must hold apiVersion: ${settingsApiVersion} and kind: ${settingsKind}`;
  }
  if (!isObject(document)) {
    return `must be a mapping with apiVersion: ${settingsApiVersion} and kind: ${settingsKind}`;
  }
  const kind = document['kind'];
  if (
    typeof kind === 'string' &&
    document['apiVersion'] !== settingsApiVersion &&
    kind !== settingsKind
  ) {
    return `is a ${kind}, not a configuration of meshgate; that has apiVersion: ${settingsApiVersion} and kind: ${settingsKind}`;
  }
  return undefined;
}

/** A section whose entries are all commented out is null in YAML, and means that there are none. */
function withoutEmptySections(document: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(document).filter(([, section]) => section !== null));
}

/** YAML 1.1 reads an unquoted `off` as false, so in a mode false is off. */
function withPlainModes(document: JsonObject): JsonObject {
  const { policies, scopes } = document;
  return {
    ...document,
    ...(policies === undefined ? {} : { policies: plainModesOf(policies) }),
    ...(Array.isArray(scopes) ? { scopes: (scopes as readonly Json[]).map(plainScope) } : {}),
  };
}

function plainScope(scope: Json): Json {
  return isObject(scope) && scope['policies'] !== undefined
    ? { ...scope, policies: plainModesOf(scope['policies']) }
    : scope;
}

function plainModesOf(policies: Json): Json {
  return mapMembers(policies, (setting) =>
    isObject(setting) && setting['mode'] !== undefined
      ? { ...setting, mode: mapMembers(plainMode(setting['mode']), plainMode) }
      : setting,
  );
}

function plainMode(mode: Json): Json {
  return mode === false ? 'off' : mode;
}

function mapMembers(value: Json, change: (member: Json) => Json): Json {
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, change(member)]))
    : value;
}

/** A document that has no problems, with the defaults for what it leaves out. */
function completed(document: JsonObject): Settings {
  const given = document as unknown as Partial<Settings>;
  return {
    mesh: meshFacts(objectIn(document, 'mesh')),
    policies: given.policies ?? defaultSettings.policies,
    scopes: given.scopes ?? defaultSettings.scopes,
    exemptions: given.exemptions ?? defaultSettings.exemptions,
    annotationExemptions: given.annotationExemptions ?? defaultSettings.annotationExemptions,
    admission: { ...defaultSettings.admission, ...given.admission },
    drift: { ...defaultDriftSettings, ...given.drift },
    files: { ...defaultSettings.files, ...given.files },
    render: { ...defaultSettings.render, ...given.render },
  };
}

function meshFacts(mesh: JsonObject): MeshFacts {
  const version = mesh['istioVersion'];
  return typeof version === 'number' ? { ...mesh, istioVersion: String(version) } : mesh;
}
