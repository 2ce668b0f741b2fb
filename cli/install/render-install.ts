import { stringIn, type Json } from '../../policies/core/json.ts';
import { usualKubeVersion } from '../../pipelines/render/cluster-facts.ts';
import { parseDocuments } from '../../pipelines/render/parse-documents.ts';
import type { HelmSet, RenderedDocument } from '../../pipelines/render/wasm-jobs.ts';
import type { Renderer } from '../../pipelines/render/wasm-renderer.ts';
import { readTextFile } from '../serve/read-configuration.ts';
import { UsageError } from '../usage-error.ts';
import { readChart } from './chart-files.ts';

/** What `meshgate install` was asked for. */
export interface InstallRequest {
  readonly namespace: string;
  readonly release: string;
  readonly values: readonly string[];
  readonly set: readonly string[];
  readonly setString: readonly string[];
  readonly output: 'yaml' | 'json';
}

/** Helm makes the namespace and the objects of cluster and namespace in this order; other kinds come last. */
const order = [
  'Namespace',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'ConfigMap',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'Service',
  'Deployment',
];

/** The manifests of a release, as one text. Throws a UsageError where the values do not fit the chart. */
export async function renderInstall(request: InstallRequest, renderer: Renderer): Promise<string> {
  const documents = (await renderChart(request, renderer)).flatMap(readTemplate);
  const sorted = documents.toSorted((left, right) => rank(left.value) - rank(right.value));
  return request.output === 'yaml'
    ? sorted.map(({ text }) => `---\n${text}\n`).join('')
    : `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: sorted.map(({ value }) => value) }, null, 2)}\n`;
}

async function renderChart(
  request: InstallRequest,
  renderer: Renderer,
): Promise<readonly RenderedDocument[]> {
  const { namespace, release } = request;
  const values: string[] = [];
  // One after the other, so that of several files that cannot be read the first is named.
  for (const file of request.values) values.push(await readTextFile(file));
  const rendering = await renderer.render({
    kind: 'helm',
    path: '.',
    ...(await readChart()),
    helm: {
      release,
      namespace,
      // Helm makes the namespace by a flag, and a manifest that is applied has none.
      values: ['createNamespace: true', ...values],
      sets: [...sets(request.set, false), ...sets(request.setString, true)],
      kubeVersion: usualKubeVersion,
      apiVersions: [],
      skipSchema: false,
    },
  });
  if ('problem' in rendering) {
    throw new UsageError(rendering.problem);
  }
  return rendering.documents;
}

function sets(texts: readonly string[], string: boolean): readonly HelmSet[] {
  return texts.map((text) => {
    const [, name, value] = /^([^=]+)=([\s\S]*)$/u.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--set takes key=value, not ${text}`);
    }
    return { name, value, string };
  });
}

function readTemplate({ origin, text = '' }: RenderedDocument): readonly {
  readonly text: string;
  readonly value: Json;
}[] {
  const { documents, problems } = parseDocuments(text);
  const [problem] = problems;
  if (problem !== undefined) {
    throw new UsageError(
      `these values make broken YAML of ${origin}, line ${String(problem.line)}: ${problem.text}`,
    );
  }
  return documents.map(({ text: document, value }) => ({
    text: document.replace(/^---\n/u, '').trim(),
    value,
  }));
}

function rank(value: Json): number {
  const place = order.indexOf(stringIn(value, 'kind') ?? '');
  return place < 0 ? order.length : place;
}
