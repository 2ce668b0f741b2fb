import { isObject, stringIn, stringMapIn, type JsonObject } from '../../policies/core/json.ts';
import { expandApplication, type Declared } from './argocd-application.ts';
import { expandApplicationSet } from './argocd-applicationset.ts';
import type { FileTree } from './file-tree.ts';
import { expandHelmRelease } from './flux-helm-release.ts';
import { expandFluxKustomization, type FindConfigMap } from './flux.ts';
import type { ParsedDocument } from './parse-documents.ts';
import type { Expansion } from './recipe.ts';
import type { Renderer } from './wasm-renderer.ts';

/** Whether a text can hold what declares roots. */
export function mayDeclare(text: string): boolean {
  return text.includes('argoproj.io/') || text.includes('.toolkit.fluxcd.io/');
}

/** Kind and group of an object that declares roots; undefined for all others. */
export function declarationKind(object: unknown): string | undefined {
  const group = (stringIn(object, 'apiVersion') ?? '').split('/', 1)[0] ?? '';
  const kind = `${stringIn(object, 'kind') ?? ''}.${group}`;
  return kinds.has(kind) ? kind : undefined;
}

/** Names a declaration in one state of a repository. */
export function declarationId(object: JsonObject): string {
  const namespace = stringIn(object, 'metadata', 'namespace') ?? '';
  return `${declarationKind(object) ?? ''} ${namespace}/${stringIn(object, 'metadata', 'name') ?? ''}`;
}

const kinds: ReadonlySet<string> = new Set([
  'Application.argoproj.io',
  'ApplicationSet.argoproj.io',
  'Kustomization.kustomize.toolkit.fluxcd.io',
  'HelmRelease.helm.toolkit.fluxcd.io',
]);

/** The roots that a declaration stands for. */
export async function expand(
  tree: FileTree,
  renderer: Renderer,
  declared: Declared,
  findConfigMap: FindConfigMap,
): Promise<Expansion> {
  switch (declarationKind(declared.object)) {
    case 'Application.argoproj.io':
      return expandApplication(tree, declared);
    case 'ApplicationSet.argoproj.io':
      return await expandApplicationSet(tree, renderer, declared);
    case 'Kustomization.kustomize.toolkit.fluxcd.io':
      return expandFluxKustomization(tree, declared, findConfigMap);
    case 'HelmRelease.helm.toolkit.fluxcd.io':
      return expandHelmRelease(tree, declared, findConfigMap);
    default:
      return [];
  }
}

/** Looks for ConfigMaps among documents, which are read with the first question. */
export function configMapsIn(read: () => readonly ParsedDocument[]): FindConfigMap {
  let maps: readonly JsonObject[] | undefined;
  return (namespace, name) => {
    maps ??= read()
      .map(({ value }) => value)
      .filter(isObject)
      .filter((object) => object['kind'] === 'ConfigMap');
    const found = maps.find((object) => {
      const own = stringIn(object, 'metadata', 'namespace') ?? namespace;
      return own === namespace && stringIn(object, 'metadata', 'name') === name;
    });
    return found === undefined ? undefined : stringMapIn(found, 'data');
  };
}
