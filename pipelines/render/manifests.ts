import type { Schema } from 'js-yaml';
import {
  isObject,
  listIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { extendPointer, pointer, type Pointer } from '../../policies/core/pointer.ts';
import { readResource, type Resource } from '../../policies/core/resource.ts';
import { parseEach, type ParsedDocument } from './parse-documents.ts';

/** Where an object was declared. */
export interface Origin {
  readonly file: string;
  /** The line on which the object's document begins, from 1. */
  readonly line: number;
  /** The document's place among those of the file that are not empty, from 0. */
  readonly document: number;
  /** Where the object stands in its document: '' unless a List holds it. */
  readonly prefix: Pointer;
  /** Offset of the document in the file's text, in UTF-16 units. */
  readonly offset: number;
  /** The document's source. */
  readonly text: string;
  /** Where a renderer made the object: its source says only a part of what it holds. */
  readonly rendered?: RenderedFrom;
}

/** The renderer that made an object, and what else it read that may have set a field. */
export interface RenderedFrom {
  readonly by: 'kustomize' | 'helm';
  /** Patches, or values; later ones win. */
  readonly layers: readonly Layer[];
}

/** A file that may have set a field. */
export interface Layer {
  readonly file: string;
  readonly text: string;
}

/** An object of a kind that policies know, and where it was declared. */
export interface LocatedResource {
  readonly resource: Resource;
  readonly origin: Origin;
  /** It is as the API server holds it, with defaults that nobody wrote. */
  readonly defaulted?: true;
}

/** Something in the inputs that cannot be read; `line` counts from 1. */
export interface InputError {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What a file declares. */
export interface Manifests {
  readonly resources: readonly LocatedResource[];
  readonly errors: readonly InputError[];
  /** Documents that are not empty. */
  readonly documents: number;
  /** Kubernetes objects of any kind, Lists opened. */
  readonly objects: number;
}

const deepestList = 8;

/** Every Kubernetes object of a file. */
export interface FileObjects {
  readonly objects: readonly DeclaredObject[];
  readonly errors: readonly InputError[];
  /** Documents that are not empty. */
  readonly documents: number;
}

/** An object of any kind, and where it was declared. */
export interface DeclaredObject {
  readonly object: JsonObject;
  readonly origin: Origin;
}

/**
 * Reads the Kubernetes objects of a file; what is not one is passed over in silence. Never throws. Only documents in
 * which both `apiVersion` and `kind` are texts count as Kubernetes.
 */
export function readManifests(file: string, text: string): Manifests {
  const { objects, errors, documents } = readObjects(file, text);
  const resources: LocatedResource[] = [];
  const problems = [...errors];
  for (const { object, origin } of objects) {
    const resource = named(readResource(object));
    if (resource?.name === '') {
      problems.push(nameProblem({ object, origin }));
    } else if (resource !== undefined) {
      resources.push({ resource, origin });
    }
  }
  return { resources, errors: problems, documents, objects: objects.length };
}

/** Reads the objects of a file of whatever kind, Lists opened; as people write YAML unless told otherwise. Never throws. */
export function readObjects(file: string, text: string, schema?: Schema): FileObjects {
  const objects: DeclaredObject[] = [];
  const errors: InputError[] = [];
  let documents = 0;
  for (const found of readEach(file, text, schema)) {
    objects.push(...found.objects);
    errors.push(...found.errors);
    documents += found.documents;
  }
  return { objects, errors, documents };
}

/** The same document by document, so that one can be dropped before the next one is read. */
export function* readEach(file: string, text: string, schema?: Schema): Generator<FileObjects> {
  for (const part of parseEach(text, schema)) {
    const found: Found = { file, objects: [], errors: [] };
    if ('value' in part) {
      collect(part.value, pointer(), part, found);
    } else {
      found.errors.push({ file, line: part.line, text: part.text });
    }
    yield { ...found, documents: 'value' in part ? 1 : 0 };
  }
}

interface Found {
  readonly file: string;
  readonly objects: DeclaredObject[];
  readonly errors: InputError[];
}

function collect(value: Json, prefix: Pointer, document: ParsedDocument, found: Found): void {
  const kind = stringIn(value, 'kind');
  if (!isObject(value) || kind === undefined || stringIn(value, 'apiVersion') === undefined) {
    return;
  }
  if (kind.endsWith('List') && Array.isArray(value['items'])) {
    openList(value, prefix, document, found);
    return;
  }
  const { line, index, offset, text } = document;
  found.objects.push({
    object: value,
    origin: { file: found.file, line, document: index, prefix, offset, text },
  });
}

/** What is wrong with the name of an object that has none; of an item of a List, with its place. */
export function nameProblem({ object, origin }: DeclaredObject): InputError {
  const { file, line, prefix } = origin;
  const kind = `${stringIn(object, 'kind') ?? ''}${prefix === '' ? '' : ` at ${prefix}`}`;
  const name = valueIn(object, 'metadata', 'name');
  const text =
    typeof name === 'boolean' || typeof name === 'number'
      ? `${kind}: metadata.name is read as the ${typeof name} ${String(name)}: put it in quotes`
      : `${kind} without metadata.name: every object needs a name`;
  return { file, line, text };
}

function openList(list: Json, prefix: Pointer, document: ParsedDocument, found: Found): void {
  if (prefix.split('/items/').length > deepestList) {
    const text = `Lists within Lists more than ${String(deepestList)} deep`;
    found.errors.push({ file: found.file, line: document.line, text });
    return;
  }
  const kind = (stringIn(list, 'kind') ?? '').slice(0, -'List'.length);
  const typed = kind === '' ? {} : { apiVersion: valueIn(list, 'apiVersion') ?? '', kind };
  for (const [index, item] of listIn(list, 'items').entries()) {
    // The items of a list of one kind need not repeat it.
    collect(
      isObject(item) ? { ...typed, ...item } : item,
      extendPointer(prefix, 'items', index),
      document,
      found,
    );
  }
}

/** An object that leaves the end of its name to the API server goes by the part that it gives. */
function named(resource: Resource | undefined): Resource | undefined {
  if (resource === undefined || resource.name !== '') {
    return resource;
  }
  const name = stringIn(resource.object, 'metadata', 'generateName') ?? '';
  return name === '' ? resource : { ...resource, name };
}
