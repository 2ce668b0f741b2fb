import { isObject, stringMapIn, type JsonObject } from '../../policies/core/json.ts';
import { jobFiles, layerOf, type ReadableInputs } from './build-job.ts';
import { withNamespace } from './fill-namespace.ts';
import { parseDocuments } from './parse-documents.ts';
import { rewrittenKustomizations, wrapperOf } from './own-kustomization.ts';
import type { KustomizeRecipe, Root, Substitution } from './recipe.ts';
import type { RenderContext } from './render-context.ts';
import type { RenderedObject, RenderedRoot } from './rendered.ts';
import { refusesSubstitution, substitute } from './substitute.ts';

/** Builds a kustomization, and replaces variables in what comes out as Flux does. */
export async function renderKustomization(
  { tree, renderer, origins }: RenderContext,
  recipe: KustomizeRecipe,
  inputs: ReadableInputs,
  { file, namespace, substitution }: Root,
): Promise<RenderedRoot> {
  const files = jobFiles(tree, inputs.files);
  if ('problem' in files) {
    return files;
  }
  const texts = { ...files.texts, ...rewrittenKustomizations(tree, recipe, inputs) };
  const rendering = await renderer.render({
    kind: 'kustomize',
    ...files,
    texts,
    wrapper: wrapperOf(tree, recipe),
  });
  if ('problem' in rendering) {
    return rendering;
  }
  const layers = inputs.patches.map((file) => layerOf(tree, file));
  const kustomizations = [...inputs.files.keys()].filter((path) =>
    /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/u.test(path),
  );
  layers.push(...kustomizations.toReversed().map((file) => layerOf(tree, file)));
  if (substitution !== undefined || recipe.extra['patches'] !== undefined) {
    layers.push(layerOf(tree, file));
  }
  const objects = rendering.documents.flatMap(({ object, origin }): RenderedObject[] => {
    if (object === undefined) {
      return [];
    }
    const filled = withNamespace(substituted(object, substitution), namespace);
    return [{ object: filled, origin: origins.ofResource(origin, object, layers) }];
  });
  return { objects };
}

function substituted(object: JsonObject, substitution: Substitution | undefined): JsonObject {
  if (substitution === undefined) {
    return object;
  }
  const marks = {
    ...stringMapIn(object, 'metadata', 'labels'),
    ...stringMapIn(object, 'metadata', 'annotations'),
  };
  const text = JSON.stringify(object);
  if (!text.includes('${') || refusesSubstitution(marks)) {
    return object;
  }
  return substituteTexts(object, substitution) as JsonObject;
}

/** Flux replaces in YAML, so a text that was only a variable may become a number or a boolean. */
function substituteTexts(value: unknown, substitution: Substitution): unknown {
  if (typeof value === 'string') {
    const text = value.includes('${') ? substitute(value, substitution) : value;
    return text !== value && /^\$\{[^{}]*\}$/u.test(value)
      ? (parseDocuments(text).documents[0]?.value ?? text)
      : text;
  }
  if (Array.isArray(value)) {
    return value.map((item) => substituteTexts(item, substitution));
  }
  if (!isObject(value)) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substituteTexts(item, substitution)]),
  );
}
