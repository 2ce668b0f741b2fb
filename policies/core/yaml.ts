import { loadAll, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import { aliasProblemIn } from './aliases.ts';
import type { Json } from './json.ts';
import { loadYaml } from './load-yaml.ts';

/** YAML text read as JSON, or why it cannot be; `line` counts from 1 within the text. */
export type YamlReading =
  { readonly value: Json } | { readonly problem: string; readonly line: number };

/** The Pods of a workload all carry the same annotation. Only short texts, and few: they are the authors' to choose. */
const remembered = new Map<string, YamlReading>();
const mostRemembered = 256;
const longestRemembered = 4096;

/** Reads the first YAML document, null where there is none, that an annotation or a ConfigMap holds, by the YAML 1.1 rules that Istio's parser follows. */
export function readYaml(text: string): YamlReading {
  const known = remembered.get(text);
  if (known !== undefined) {
    return known;
  }
  const reading = parseYaml(text);
  if (text.length <= longestRemembered) {
    if (remembered.size >= mostRemembered) {
      remembered.clear();
    }
    remembered.set(text, reading);
  }
  return reading;
}

function loadYaml11(text: string): unknown {
  return loadAll(text, { schema: YAML11_SCHEMA })[0];
}

function parseYaml(text: string): YamlReading {
  try {
    const value = (loadYaml(text, loadYaml11) ?? null) as Json;
    const problem = aliasProblemIn(text, value);
    return problem === undefined ? { value } : { problem, line: 1 };
  } catch (error) {
    if (error instanceof YAMLException) {
      return { problem: error.reason, line: (error.mark?.line ?? 0) + 1 };
    }
    throw error;
  }
}
