import { posix } from 'node:path';
import { isObject, stringIn } from '../../policies/core/json.ts';
import { jobFiles, layerOf, type ReadableInputs } from './build-job.ts';
import { valuesTexts } from './chart-values.ts';
import { withNamespace } from './fill-namespace.ts';
import type { Layer } from './manifests.ts';
import { withoutRandom } from './noise.ts';
import { templateFile } from './origins.ts';
import { parseDocuments } from './parse-documents.ts';
import type { ChartRecipe, Root } from './recipe.ts';
import type { RenderContext } from './render-context.ts';
import type { RenderedObject, RenderedRoot } from './rendered.ts';
import { varies } from './stored-renderer.ts';
import type { HelmJob } from './wasm-jobs.ts';

/** Renders a release of a chart; twice where its templates may give something else each time. */
export async function renderChart(
  context: RenderContext,
  recipe: ChartRecipe,
  inputs: ReadableInputs,
  root: Root,
): Promise<RenderedRoot> {
  const { tree, kubeVersion, apiVersions } = context;
  const { folder, release, namespace, sets } = recipe;
  const files = jobFiles(tree, inputs.files);
  if ('problem' in files) {
    return files;
  }
  const values = valuesTexts(tree, recipe);
  if ('problem' in values) {
    return values;
  }
  const job: HelmJob = {
    kind: 'helm',
    path: folder,
    ...files,
    helm: {
      release,
      namespace,
      values: values.texts,
      sets,
      kubeVersion: recipe.kubeVersion ?? kubeVersion,
      apiVersions: [...apiVersions, ...(recipe.apiVersions ?? [])],
      skipSchema: false,
    },
  };
  const layers = [posix.join(folder, 'values.yaml'), ...values.files, root.file].map((file) =>
    layerOf(tree, file),
  );
  const source = { files: inputs.files, layers, root };
  const first = await renderOnce(context, job, source);
  if ('problem' in first || !varies(job)) {
    return first;
  }
  const second = await renderOnce(context, job, source);
  const again = 'problem' in second ? [] : second.objects;
  return {
    objects: first.objects.map((made, index) => ({
      ...made,
      object: withoutRandom(made.object, again[index]?.object),
    })),
  };
}

async function renderOnce(
  context: RenderContext,
  job: HelmJob,
  source: ChartSource,
): Promise<RenderedRoot> {
  const rendering = await context.renderer.render(job);
  if ('problem' in rendering) {
    return rendering;
  }
  const objects: RenderedObject[] = [];
  for (const { origin, text = '' } of rendering.documents) {
    const reading = readTemplate(context, { ...source, folder: job.path, origin, text });
    if ('problem' in reading) {
      return reading;
    }
    objects.push(...reading.objects);
  }
  return { objects };
}

/** What the objects of a chart come from. */
interface ChartSource {
  readonly files: ReadableInputs['files'];
  readonly layers: readonly Layer[];
  readonly root: Root;
}

interface TemplateOutput extends ChartSource {
  readonly folder: string;
  readonly origin: string;
  readonly text: string;
}

function readTemplate(
  { origins }: RenderContext,
  { files, folder, origin, text, layers, root }: TemplateOutput,
): RenderedRoot {
  const file = templateFile(folder, origin, files);
  const { documents, problems } = parseDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) {
    return {
      problem: `what the template makes is broken YAML, line ${String(problem.line)}: ${problem.text}`,
      file,
    };
  }
  const objects = documents.flatMap(({ value }, index): RenderedObject[] => {
    const hook = stringIn(value, 'metadata', 'annotations', 'helm.sh/hook');
    if (!isObject(value) || hook !== undefined || stringIn(value, 'kind') === undefined) {
      return [];
    }
    const place = { index, count: documents.length };
    return [
      {
        object: withNamespace(value, root.namespace),
        origin: origins.ofTemplate(file, value, place, layers),
      },
    ];
  });
  return { objects };
}
