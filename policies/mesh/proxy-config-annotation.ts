import { createAttachment } from '../core/attach.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { readLooseYaml } from '../core/yaml.ts';
import { snakeCase } from './mesh-config.ts';
import {
  formProblem,
  proxyConfigFields,
  textProblem,
  type Fields,
  type Form,
} from './proxy-config-fields.ts';
import type { Workload } from './workload.ts';

/** The annotation that holds a ProxyConfig as YAML, on the pod template. */
export const proxyConfigAnnotation = 'proxy.istio.io/config';

/** What is wrong with the annotation; `line` counts from 1 within its text. */
export interface ProxyConfigProblem {
  /** `denied`: the injector refuses the Pod; `ignored`: it accepts the Pod and drops the key in silence. */
  readonly outcome: 'denied' | 'ignored';
  readonly key: string;
  readonly reason: string;
  readonly line: number;
  /** Of an unknown key: the names that stand in its place. */
  readonly names?: readonly string[];
}

/** The annotation as Istio reads it; `config` is empty where there is none or the injector denies it. */
export interface ProxyConfigReading {
  readonly config: JsonObject;
  readonly problems: readonly ProxyConfigProblem[];
}

const nothing: ProxyConfigReading = { config: {}, problems: [] };
const namesOf = new Map<Fields, ReadonlyMap<string, Form>>();
const readings = createAttachment<Workload, ProxyConfigReading>();

/** Reads the annotation of a workload's pod template once. */
export function readProxyConfigAnnotation(workload: Workload): ProxyConfigReading {
  const text = workload.annotations[proxyConfigAnnotation];
  if (text === undefined) {
    return nothing;
  }
  let reading = readings.get(workload);
  if (reading === undefined) {
    reading = readProxyConfig(text);
    readings.set(workload, reading);
  }
  return reading;
}

/** Whether the injector refuses the Pod, so that nothing else of its proxy matters. */
export function isDenied(reading: ProxyConfigReading): boolean {
  return reading.problems.some(({ outcome }) => outcome === 'denied');
}

/** Reads ProxyConfig YAML as Istio's injector does. Source: Istio `pkg/kube/inject`, `pkg/config/mesh`, observed. */
export function readProxyConfig(text: string): ProxyConfigReading {
  const reading = readLooseYaml(text);
  if ('problem' in reading) {
    return {
      config: {},
      problems: [{ outcome: 'denied', key: '', reason: reading.problem, line: reading.line }],
    };
  }
  if (reading.value === null) {
    return nothing;
  }
  if (!isObject(reading.value)) {
    return {
      config: {},
      problems: [{ outcome: 'denied', key: '', reason: 'it is no mapping of settings', line: 1 }],
    };
  }
  const problems = messageProblems(proxyConfigFields, reading.value, '', text);
  return { config: isDenied({ config: {}, problems }) ? {} : reading.value, problems };
}

function messageProblems(
  fields: Fields,
  message: JsonObject,
  path: string,
  text: string,
): readonly ProxyConfigProblem[] {
  const known = knownNames(fields);
  return Object.entries(message).flatMap(([name, value]) => {
    const key = `${path}${name}`;
    const line = lineOfKey(text, name);
    const field = known.get(name);
    if (field === undefined) {
      const names = Object.keys(fields);
      return [{ outcome: 'ignored', key, reason: unknownReason(key), line, names }];
    }
    return value === null ? [] : fieldProblems(field, value, { key, line, text });
  });
}

interface Place {
  readonly key: string;
  readonly line: number;
  readonly text: string;
}

function fieldProblems(form: Form, value: Json, place: Place): readonly ProxyConfigProblem[] {
  const { key, line, text } = place;
  const isMessage = typeof form === 'object' && !isWords(form);
  if (isMessage && isObject(value)) {
    return messageProblems(form, value, `${key}.`, text);
  }
  const reason = formProblem(isMessage ? 'mapping' : form, value);
  if (reason !== undefined) {
    return [{ outcome: 'denied', key, reason, line }];
  }
  return form === 'textByName' && isObject(value) ? textProblems(key, value, text) : [];
}

function isWords(form: Form): form is readonly string[] {
  return Array.isArray(form);
}

function unknownReason(key: string): string {
  return key === 'defaultConfig'
    ? 'the wrapper belongs in the mesh config, not here'
    : 'Istio knows no such setting';
}

/** The values of a mapping of texts; an absent one is an empty text. */
function textProblems(key: string, value: JsonObject, text: string): readonly ProxyConfigProblem[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const reason = member === null ? undefined : textProblem(member);
    return reason === undefined
      ? []
      : [
          {
            outcome: 'denied' as const,
            key: `${key}.${name}`,
            reason,
            line: lineOfKey(text, name),
          },
        ];
  });
}

/** The fields of a message by either spelling of their names. */
function knownNames(fields: Fields): ReadonlyMap<string, Form> {
  let names = namesOf.get(fields);
  if (names === undefined) {
    names = new Map(
      Object.entries(fields).flatMap(([name, form]) => [
        [name, form] as const,
        [snakeCase(name), form] as const,
      ]),
    );
    namesOf.set(fields, names);
  }
  return names;
}

/** The line, from 1, on which a key stands in YAML text, in either spelling; 1 where it cannot be told. */
export function lineOfKey(text: string, key: string): number {
  const starts = [key, snakeCase(key)].flatMap((name) => [`${name}:`, `"${name}":`, `'${name}':`]);
  const index = text.split(/\r?\n/u).findIndex((line) => {
    const bare = line.replace(/^[{\-\s]+/u, '');
    return starts.some((start) => bare.startsWith(start));
  });
  return Math.max(index, 0) + 1;
}
