import { loadAll, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import { aliasProblemIn } from './aliases.ts';
import type { Json } from './json.ts';
import { loadYaml } from './load-yaml.ts';

/** YAML text read as JSON, or why it cannot be; `line` counts from 1 within the text. */
export type YamlReading =
  { readonly value: Json } | { readonly problem: string; readonly line: number };

/** The Pods of a workload all carry the same annotation. Only short texts, and few: they are the authors' to choose. */
const remembered = {
  strict: new Map<string, YamlReading>(),
  loose: new Map<string, YamlReading>(),
};
const mostRemembered = 256;
const longestRemembered = 4096;

/** Reads the first YAML document of a text, null where there is none, by YAML 1.1 rules; a key that stands twice is a problem. */
export function readYaml(text: string): YamlReading {
  return readRemembered(text, 'strict');
}

/** Reads like {@link readYaml} what Istio reads of an annotation or a ConfigMap: of a key that stands twice it takes the last. */
export function readLooseYaml(text: string): YamlReading {
  return readRemembered(text, 'loose');
}

function readRemembered(text: string, rules: keyof typeof remembered): YamlReading {
  const readings = remembered[rules];
  const known = readings.get(text);
  if (known !== undefined) {
    return known;
  }
  const reading = parseYaml(text, rules === 'loose');
  if (text.length <= longestRemembered) {
    if (readings.size >= mostRemembered) {
      readings.clear();
    }
    readings.set(text, reading);
  }
  return reading;
}

function parseYaml(text: string, lastOfDuplicates: boolean): YamlReading {
  const load = (source: string): unknown =>
    loadAll(source, { schema: YAML11_SCHEMA, json: lastOfDuplicates })[0];
  try {
    const value = (loadYaml(text, load) ?? null) as Json;
    const problem = aliasProblemIn(text, value);
    return problem === undefined ? { value } : { problem, line: 1 };
  } catch (error) {
    if (error instanceof YAMLException) {
      return { problem: error.reason, line: (error.mark?.line ?? 0) + 1 };
    }
    throw error;
  }
}
