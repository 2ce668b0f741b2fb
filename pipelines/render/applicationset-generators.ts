import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { gitParams } from './applicationset-git.ts';
import {
  flatten,
  mostNesting,
  paramIn,
  type GeneratorContext,
  type Params,
} from './applicationset-params.ts';
import { matchesSelector } from './applicationset-selector.ts';
import { parseDocuments } from './parse-documents.ts';

const mostSets = 2000;

/** All params of a list of generators, in their order. Generators that ask a cluster or another service have none here. */
export async function paramsOf(
  context: GeneratorContext,
  generators: readonly Json[],
  depth = 0,
): Promise<Params> {
  const sets: JsonObject[] = [];
  for (const generator of generators) {
    const found = await generate(context, objectIn(generator), depth);
    if ('problem' in found) {
      return found;
    }
    sets.push(...found.sets.filter(matchesSelector(objectIn(generator, 'selector'))));
    if (sets.length > mostSets) {
      return { problem: `it makes more than ${String(mostSets)} applications` };
    }
  }
  return { sets };
}

async function generate(
  context: GeneratorContext,
  generator: JsonObject,
  depth: number,
): Promise<Params> {
  if (depth > mostNesting) {
    return { problem: 'its generators are nested too deep' };
  }
  const { list, git, matrix, merge } = generator;
  if (list !== undefined) {
    return listParams(context, objectIn(list));
  }
  if (git !== undefined) {
    return await gitParams(context, objectIn(git));
  }
  if (matrix !== undefined) {
    return await matrixParams(context, listIn(matrix, 'generators'), depth + 1);
  }
  if (merge !== undefined) {
    return await mergeParams(context, objectIn(merge), depth + 1);
  }
  const name = Object.keys(generator).find((key) => key !== 'selector' && key !== 'template');
  return { problem: `what its generator ${name ?? '(none)'} gives is not known without a cluster` };
}

function listParams({ goTemplate }: GeneratorContext, list: JsonObject): Params {
  const written = stringIn(list, 'elementsYaml');
  const more = written === undefined ? [] : parseDocuments(written).documents[0]?.value;
  const elements = [...listIn(list, 'elements'), ...(Array.isArray(more) ? (more as Json[]) : [])];
  return { sets: elements.filter(isObject).map((item) => (goTemplate ? item : flatten(item))) };
}

async function matrixParams(
  context: GeneratorContext,
  [first, second, ...others]: readonly Json[],
  depth: number,
): Promise<Params> {
  if (first === undefined || second === undefined || others.length > 0) {
    return { problem: 'a matrix generator needs two generators' };
  }
  const outer = await paramsOf(context, [first], depth);
  if ('problem' in outer) {
    return outer;
  }
  const sets: JsonObject[] = [];
  for (const params of outer.sets) {
    const filled = await context.fillTemplates(objectIn(second), params);
    const inner =
      typeof filled === 'string' ? { problem: filled } : await paramsOf(context, [filled], depth);
    if ('problem' in inner) {
      return inner;
    }
    sets.push(...inner.sets.map((more) => ({ ...params, ...more })));
    if (sets.length > mostSets) {
      return { problem: `it makes more than ${String(mostSets)} applications` };
    }
  }
  return { sets };
}

async function mergeParams(
  context: GeneratorContext,
  merge: JsonObject,
  depth: number,
): Promise<Params> {
  const keys = listIn(merge, 'mergeKeys').filter((key) => typeof key === 'string');
  const keyOf = (params: JsonObject): string =>
    JSON.stringify(keys.map((key) => paramIn(params, key)));
  const merged = new Map<string, JsonObject>();
  for (const [index, generator] of listIn(merge, 'generators').entries()) {
    const found = await paramsOf(context, [generator], depth);
    if ('problem' in found) {
      return found;
    }
    for (const params of found.sets) {
      const key = keyOf(params);
      const known = merged.get(key);
      if (index === 0 || known !== undefined) {
        merged.set(key, { ...known, ...params });
      }
    }
  }
  return { sets: [...merged.values()] };
}
