import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { paramsOf } from './applicationset-generators.ts';
import type { GeneratorContext } from './applicationset-params.ts';
import { expandApplication, type Declared } from './argocd-application.ts';
import type { FileTree } from './file-tree.ts';
import { parseDocuments } from './parse-documents.ts';
import type { Expansion } from './recipe.ts';
import type { Renderer } from './wasm-renderer.ts';

/** The roots of all Applications that an ApplicationSet makes. */
export async function expandApplicationSet(
  tree: FileTree,
  renderer: Renderer,
  declared: Declared,
): Promise<Expansion> {
  const { object, file, parent, depth } = declared;
  const name = stringIn(object, 'metadata', 'name') ?? '';
  const namespace = stringIn(object, 'metadata', 'namespace') ?? '';
  const key = `${parent} > ApplicationSet ${namespace}/${name}`;
  const applications = await applicationsOf(tree, renderer, objectIn(object, 'spec'));
  if (typeof applications === 'string') {
    return [{ key, file, problem: `ApplicationSet ${name}: ${applications}` }];
  }
  return applications.flatMap((application) =>
    expandApplication(tree, { object: application, file, parent: key, depth: depth + 1 }),
  );
}

async function applicationsOf(
  tree: FileTree,
  renderer: Renderer,
  spec: JsonObject,
): Promise<readonly JsonObject[] | string> {
  const goTemplate = spec['goTemplate'] === true;
  const options = listIn(spec, 'goTemplateOptions').filter((item) => typeof item === 'string');
  const fillAll = async (
    value: JsonObject,
    sets: readonly JsonObject[],
  ): Promise<readonly JsonObject[] | string> => {
    if (!goTemplate) {
      return sets.map((params) => fillFlat(value, params) as JsonObject);
    }
    const filled = await renderer.render({
      kind: 'template',
      template: { value, params: sets, options },
    });
    return 'problem' in filled
      ? filled.problem
      : filled.documents.flatMap(({ object }) => (object === undefined ? [] : [object]));
  };
  const context: GeneratorContext = {
    tree,
    goTemplate,
    async fillTemplates(value, params) {
      const filled = await fillAll(value, [params]);
      return typeof filled === 'string' ? filled : (filled[0] ?? {});
    },
  };
  const all: JsonObject[] = [];
  for (const generator of listIn(spec, 'generators')) {
    const made = await applicationsBy({ context, fillAll, spec }, generator);
    if (typeof made === 'string') {
      return made;
    }
    all.push(...made);
  }
  return all;
}

interface Templates {
  readonly context: GeneratorContext;
  readonly fillAll: (
    value: JsonObject,
    sets: readonly JsonObject[],
  ) => Promise<readonly JsonObject[] | string>;
  readonly spec: JsonObject;
}

/** What a generator says in a template of its own goes before the template of the set. */
async function applicationsBy(
  { context, fillAll, spec }: Templates,
  generator: Json,
): Promise<readonly JsonObject[] | string> {
  const params = await paramsOf(context, [generator]);
  if ('problem' in params) {
    return params.problem;
  }
  const own = Object.values(objectIn(generator)).map((item) => objectIn(item, 'template'));
  const template = own.reduce(merge, objectIn(spec, 'template'));
  const applications = await fillAll(template, params.sets);
  const patch = stringIn(spec, 'templatePatch');
  if (patch === undefined || typeof applications === 'string') {
    return applications;
  }
  const patches = await fillAll({ patch }, params.sets);
  return typeof patches === 'string'
    ? patches
    : applications.map((application, index) =>
        patched(application, stringIn(patches[index], 'patch') ?? ''),
      );
}

/** The older templates: `{{name}}`, with what is unknown left as it is. */
function fillFlat(value: Json, params: JsonObject): Json {
  if (typeof value === 'string') {
    return fillText(value, params);
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => fillFlat(item, params));
  }
  if (!isObject(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fillText(key, params), fillFlat(item, params)]),
  );
}

function fillText(text: string, params: JsonObject): string {
  return text.replaceAll(/\{\{\s*([^{}]*?)\s*\}\}/gu, (all, name: string) => {
    const found = Object.hasOwn(params, name) ? params[name] : undefined;
    return typeof found === 'string' ? found : all;
  });
}

function patched(application: JsonObject, patch: string): JsonObject {
  const value = parseDocuments(patch).documents[0]?.value;
  return isObject(value) ? merge(application, value) : application;
}

function merge(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = valueIn(under, key);
    merged[key] = isObject(value) && isObject(below) ? merge(below, value) : value;
  }
  return merged;
}
