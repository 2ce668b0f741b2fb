import { stringIn } from '../../policies/core/json.ts';
import { meshApiVersions, usualKubeVersion } from '../../pipelines/render/cluster-facts.ts';
import { createFileTree, type FileEntry } from '../../pipelines/render/file-tree.ts';
import type { Origin } from '../../pipelines/render/manifests.ts';
import { renderContext } from '../../pipelines/render/render-context.ts';
import { renderTree } from '../../pipelines/render/render-tree.ts';
import type { Rendering } from '../../pipelines/render/rendering.ts';
import type { Files } from './git-repository.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import type { RenderSettings } from '../../policies/core/settings.ts';
import type { JsonObject } from '../../policies/core/json.ts';

/** What came of a small tree. */
export interface RenderedFiles {
  /** Objects as `Kind namespace/name`, with the object and its origin. */
  readonly objects: ReadonlyMap<string, { readonly object: JsonObject; readonly origin: Origin }>;
  /** `path: text` of each root that failed. */
  readonly problems: readonly string[];
  readonly parts: ReadonlySet<string>;
}

/** Renders all roots of a tree that is given by its files. */
export async function renderFiles(
  rendering: Rendering,
  files: Files,
  settings: Partial<RenderSettings> = {},
): Promise<RenderedFiles> {
  const contents = new Map<string, Buffer>();
  const entries = Object.entries(files).map(([path, content]): FileEntry => {
    const isLink = typeof content === 'object' && 'link' in content;
    const bytes = isLink ? Buffer.from(content.link) : Buffer.from(content);
    const id = bytes.toString('latin1');
    contents.set(id, bytes);
    return { path, id, bytes: bytes.length, type: isLink ? 'link' : 'file' };
  });
  const context = renderContext({
    tree: createFileTree(entries, contents),
    load: () => Promise.resolve(),
    ...rendering,
    kubeVersion: usualKubeVersion,
    apiVersions: [...meshApiVersions, ...(settings.apiVersions ?? [])],
    variables: settings.substitute ?? {},
  });
  const { roots, parts } = await renderTree(context, {
    isIgnored: () => false,
    render: { ...defaultSettings.render, ...settings },
  });
  const objects = new Map<string, { readonly object: JsonObject; readonly origin: Origin }>();
  const problems: string[] = [];
  for (const { file, result } of roots) {
    if ('problem' in result) {
      problems.push(`${result.file ?? file}: ${result.problem}`);
      continue;
    }
    for (const made of result.objects) {
      const { object } = made;
      const namespace = stringIn(object, 'metadata', 'namespace') ?? '';
      const name = stringIn(object, 'metadata', 'name') ?? '';
      const kind = stringIn(object, 'kind') ?? '';
      objects.set(`${kind} ${namespace}/${name}`, made);
    }
  }
  return { objects, problems, parts };
}
