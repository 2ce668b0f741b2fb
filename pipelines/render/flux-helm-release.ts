import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { nestedValue } from './chart-values.ts';
import type { Declared } from './argocd-application.ts';
import { joinInside, textOf, type FileTree } from './file-tree.ts';
import { fluxIdentity, type FindConfigMap } from './flux.ts';
import type { ChartRecipe, Expansion, ValuesSource } from './recipe.ts';

/** The root of a HelmRelease whose chart lies in the repository. */
export function expandHelmRelease(
  tree: FileTree,
  { object, file, parent, depth }: Declared,
  findConfigMap: FindConfigMap,
): Expansion {
  const { name, namespace } = fluxIdentity(object);
  const key = `${parent} > HelmRelease ${namespace}/${name}`;
  const spec = objectIn(object, 'spec');
  const target = stringIn(spec, 'targetNamespace');
  const usualRelease = target === undefined ? name : `${target}-${name}`;
  const folder = chartFolder(tree, spec);
  if ('problem' in folder) {
    return [{ key, file, problem: `HelmRelease ${name}: ${folder.problem}` }];
  }
  const values = valuesOf(tree, spec, (kindName) => findConfigMap(namespace, kindName));
  if ('problem' in values) {
    return [{ key, file, problem: `HelmRelease ${name}: ${values.problem}`, folder: folder.path }];
  }
  const recipe: ChartRecipe = {
    type: 'chart',
    folder: folder.path,
    release: stringIn(spec, 'releaseName') ?? usualRelease,
    namespace: target ?? namespace,
    values: values.sources,
    sets: [],
    postRenderers: postRenderersOf(spec),
  };
  return [{ key, file, recipe, namespace: recipe.namespace, depth }];
}

function chartFolder(
  tree: FileTree,
  spec: JsonObject,
): { readonly path: string } | { readonly problem: string } {
  const chart = objectIn(spec, 'chart', 'spec');
  const name = stringIn(chart, 'chart') ?? stringIn(spec, 'chartRef', 'name') ?? '';
  if (stringIn(chart, 'sourceRef', 'kind') !== 'GitRepository') {
    return {
      problem: `the chart ${name} is remote, and nothing is fetched: vendor it into the repository`,
    };
  }
  const path = joinInside('.', name);
  const place = path === undefined ? undefined : tree.resolve(path);
  if (place?.type === 'missing') {
    return place;
  }
  return place?.type === 'folder'
    ? place
    : { problem: `its chart ${JSON.stringify(name)} is no folder of the repository` };
}

/** Files of the chart's source first, then ConfigMaps, then what the release itself says. */
function valuesOf(
  tree: FileTree,
  spec: JsonObject,
  findConfigMap: (name: string) => Readonly<Record<string, string>> | undefined,
): { readonly sources: readonly ValuesSource[] } | { readonly problem: string } {
  const sources: ValuesSource[] = [];
  for (const item of listIn(spec, 'chart', 'spec', 'valuesFiles')) {
    const file = typeof item === 'string' ? joinInside('.', item) : undefined;
    if (file === undefined || textOf(tree, file) === undefined) {
      return {
        problem: `its values file ${JSON.stringify(item)} is not in the repository, and nothing is fetched`,
      };
    }
    sources.push({ file });
  }
  for (const from of listIn(spec, 'valuesFrom')) {
    const given = valuesFrom(from, findConfigMap);
    if (given !== undefined) {
      sources.push(given);
    } else if (valueIn(from, 'optional') !== true) {
      const kind = stringIn(from, 'kind') ?? 'source';
      return {
        problem: `its values are from a ${kind} ${stringIn(from, 'name') ?? ''} that is not in the repository`,
      };
    }
  }
  const inline = valueIn(spec, 'values');
  return { sources: isObject(inline) ? [...sources, { text: JSON.stringify(inline) }] : sources };
}

/** Paths lead nowhere in a release, so only what is written in it counts. */
function postRenderersOf(spec: JsonObject): readonly JsonObject[] {
  return listIn(spec, 'postRenderers').map((item) => {
    const { patches, patchesStrategicMerge, patchesJson6902, images } = objectIn(item, 'kustomize');
    const fields = { patches, patchesStrategicMerge, patchesJson6902, images };
    return Object.fromEntries(
      Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined),
    );
  });
}

function valuesFrom(
  from: Json,
  findConfigMap: (name: string) => Readonly<Record<string, string>> | undefined,
): ValuesSource | undefined {
  if (stringIn(from, 'kind') !== 'ConfigMap') {
    return undefined;
  }
  const data = findConfigMap(stringIn(from, 'name') ?? '');
  const text = data?.[stringIn(from, 'valuesKey') ?? 'values.yaml'];
  const target = stringIn(from, 'targetPath');
  if (text === undefined || target === undefined) {
    return text === undefined ? undefined : { text };
  }
  return { text: nestedValue(target, text) };
}
