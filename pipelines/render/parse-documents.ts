import { constructFromEvents, parseEvents, YAMLException, type Schema } from 'js-yaml';
import type { Json } from '../../policies/core/json.ts';
import { loadYaml } from '../../policies/core/load-yaml.ts';
import { aliasProblemIn } from '../../policies/core/aliases.ts';
import { plainValue, plainValues } from './plain-value.ts';
import { splitDocuments, type DocumentText } from './split-documents.ts';
import { apiServerSchema } from './yaml-schema.ts';

/** A document that was read, and where it stands in its file. */
export interface ParsedDocument {
  readonly value: Json;
  /** Counts the documents of the file that are not empty, from 0. */
  readonly index: number;
  readonly line: number;
  readonly offset: number;
  readonly text: string;
}

/** Why a part of a file cannot be read; `line` counts from 1 within the file. */
export interface ParseProblem {
  readonly line: number;
  readonly text: string;
}

/** Everything that a file's text holds. */
export interface ParsedFile {
  readonly documents: readonly ParsedDocument[];
  readonly problems: readonly ParseProblem[];
}

/** Levels of nesting beyond which a document is refused. */
export const deepestNesting = 500;
const mostMergedKeys = 100_000;
/** Longer files are parsed document by document, so that each can be dropped before the next one. */
const longestAtOnce = 100_000;
const byteOrderMark = '\u{FEFF}';
const documentEnd = /(?:^|[\r\n])\.\.\./u;
const parsing = { maxDepth: deepestNesting };

/**
 * Reads YAML or JSON as the API server does; empty documents are left out. Never throws: a broken document gives a
 * problem, the others are read.
 */
export function parseDocuments(text: string, schema?: Schema): ParsedFile {
  const documents: ParsedDocument[] = [];
  const problems: ParseProblem[] = [];
  for (const part of parseEach(text, schema)) {
    if ('value' in part) {
      documents.push(part);
    } else {
      problems.push(part);
    }
  }
  return { documents, problems };
}

/** The same one by one, so that a document can be dropped before the next one is parsed. */
export function* parseEach(
  text: string,
  schema: Schema = apiServerSchema,
): Generator<ParsedDocument | ParseProblem> {
  let index = 0;
  const parts = splitDocuments(text);
  const values = schema === apiServerSchema ? parseAtOnce(text, parts) : undefined;
  for (const [position, part] of parts.entries()) {
    const reading =
      values === undefined ? parseDocument(part.text, schema) : { value: values[position] };
    if ('problem' in reading) {
      yield { line: part.line + reading.line - 1, text: reading.problem };
    } else if (reading.value !== undefined && reading.value !== null) {
      yield { ...part, value: reading.value, index };
      index += 1;
    }
  }
}

/** The values of all documents of a file, in less time than one by one; undefined unless all are plain and in order. */
function parseAtOnce(
  text: string,
  parts: readonly DocumentText[],
): readonly (Json | undefined)[] | undefined {
  if (parts.length < 2 || text.length > longestAtOnce || !text.endsWith('\n') || isDivided(text)) {
    return undefined;
  }
  try {
    return plainValues(text, parseEvents(text, parsing), parts);
  } catch {
    return undefined;
  }
}

/** Whether it has what the parser takes otherwise in the middle of a text than at its beginning, or what follows it. */
function isDivided(text: string): boolean {
  return text.includes(byteOrderMark, 1) || (text.includes('...') && documentEnd.test(text));
}

type Reading =
  { readonly value: Json | undefined } | { readonly problem: string; readonly line: number };

/** Reads the text of one document; `line` counts from 1 within the text, `value` is undefined for an empty one. */
export function parseDocument(text: string, schema: Schema = apiServerSchema): Reading {
  try {
    const value = loadYaml(text, (source) => valueOf(source, schema));
    const problem = aliasProblemIn(text, value);
    return problem === undefined ? { value } : { problem, line: 1 };
  } catch (error) {
    return explain(error, text);
  }
}

function valueOf(source: string, schema: Schema): Json | undefined {
  const events = parseEvents(source, parsing);
  const plain = schema === apiServerSchema ? plainValue(source, events) : undefined;
  if (plain !== undefined || events.length === 0) {
    return plain;
  }
  const [value] = constructFromEvents(events, {
    source,
    schema,
    maxTotalMergeKeys: mostMergedKeys,
  });
  return value as Json | undefined;
}

function explain(error: unknown, text: string): { problem: string; line: number } {
  if (!(error instanceof YAMLException)) {
    return { problem: error instanceof Error ? error.message : String(error), line: 1 };
  }
  const line = Math.min((error.mark?.line ?? 0) + 1, lastLine(text));
  return { problem: describe(error, text), line };
}

/** The last line on which something stands: what is missing at the end is not missing in the next document. */
function lastLine(text: string): number {
  return text.trimEnd().split('\n').length;
}

function describe(error: YAMLException, text: string): string {
  const at = error.mark?.position ?? 0;
  if (error.reason === 'duplicated mapping key') {
    const read = error.mark?.buffer ?? text;
    const key = /^[^:'"\r\n]{1,80}/u.exec(read.slice(at, at + 80))?.[0].trim() ?? '';
    return `the key ${key} is there twice in one mapping: keep one of them`;
  }
  if (error.reason.startsWith('nesting exceeded')) {
    return `nested more than ${String(deepestNesting)} levels deep, which no Kubernetes object is`;
  }
  if (error.reason.startsWith('merge keys exceeded')) {
    return `its merge keys copy more than ${String(mostMergedKeys)} keys: write out what is needed`;
  }
  const template = /\{\{[-\s.$\w]/u.test(text)
    ? '; it looks like a template: check what it renders instead'
    : '';
  return `broken YAML: ${error.reason}${template}`;
}
