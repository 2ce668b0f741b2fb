import { loadAll, YAML11_SCHEMA, YAMLException } from 'js-yaml';
import type { Json } from './json.ts';

/** YAML text read as JSON, or why it cannot be; `line` counts from 1 within the text. */
export type YamlReading =
  { readonly value: Json } | { readonly problem: string; readonly line: number };

/** Reads the first YAML document, null where there is none, that an annotation or a ConfigMap holds, by the YAML 1.1 rules that Istio's parser follows. */
export function readYaml(text: string): YamlReading {
  try {
    return { value: (loadAll(text, { schema: YAML11_SCHEMA })[0] ?? null) as Json };
  } catch (error) {
    if (error instanceof YAMLException) {
      return { problem: error.reason, line: (error.mark?.line ?? 0) + 1 };
    }
    throw error;
  }
}
