import type { Declared } from './argocd-application.ts';
import { expand } from './declarations.ts';
import type { FindConfigMap } from './flux.ts';
import type { RenderContext } from './render-context.ts';
import { inputsOf } from './render-root.ts';

/**
 * Files whose declarations the root of another file's declaration reads: what they declare is what that root makes of
 * them. Those that read one another are taken as they are.
 */
export async function readByOthers(
  declarations: readonly Declared[],
  filesOf: (declared: Declared) => Promise<readonly string[]>,
): Promise<ReadonlySet<string>> {
  const reads = new Map<string, Set<string>>();
  for (const declared of declarations) {
    const files = reads.get(declared.file) ?? new Set();
    for (const file of await filesOf(declared)) {
      files.add(file);
    }
    reads.set(declared.file, files);
  }
  const isAbove = (file: string, other: string): boolean =>
    file !== other && reads.get(other)?.has(file) === false;
  return new Set(
    [...reads].flatMap(([file, files]) => [...files].filter((other) => isAbove(file, other))),
  );
}

/** The manifests that the roots of a declaration are made of; a chart's templates are none. */
export async function filesReadBy(
  { tree, renderer }: RenderContext,
  declared: Declared,
  findConfigMap: FindConfigMap,
): Promise<readonly string[]> {
  const roots = await expand(tree, renderer, declared, findConfigMap);
  return roots.flatMap((root) => {
    const inputs =
      'problem' in root || root.recipe.type === 'chart' ? undefined : inputsOf(tree, root);
    return inputs === undefined || 'problem' in inputs
      ? []
      : [...inputs.files.values()].map(({ path }) => path);
  });
}
