import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringIn, type JsonObject } from '../../policies/core/json.ts';
import { startCluster, type Cluster } from '../support/cluster/start.ts';
import type { DriftReport } from '../../pipelines/drift/report.ts';
import { describeWithCluster } from '../support/describe.ts';
import { brief, compare } from '../support/drift/compare-cluster.ts';
import { createWriters, nameOf, objectsIn, type Writers } from '../support/drift/writers.ts';
import { findShared } from '../support/shared.ts';

const startDeadlineMilliseconds = 240_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const samples = findShared('data', 'samples');

/** Manifests that belong together, each set applied and compared by itself. */
async function sets(): Promise<readonly (readonly [string, readonly string[]])[]> {
  const repository = await Array.fromAsync(glob(join(root, 'examples/repository/**/*.yaml')));
  const single = await Array.fromAsync(glob(join(root, 'examples/{topics,admission}/*.yaml')));
  const third =
    'path' in samples ? await Array.fromAsync(glob(join(samples.path, '**/*.yaml'))) : [];
  return [
    ['examples/repository', repository.filter((file) => !file.endsWith('meshgate.yaml'))],
    ...[...single, ...third].toSorted().map((file) => [file, [file]] as const),
  ];
}

describeWithCluster('a cluster as it was just deployed', () => {
  let cluster: Cluster;
  let writers: Writers;

  beforeAll(async () => {
    cluster = await startCluster();
    writers = createWriters(cluster);
  }, startDeadlineMilliseconds);
  afterAll(async () => {
    await cluster?.stop();
  }, startDeadlineMilliseconds);

  /** What differs after a deployment of these files, and how many objects the API server took. */
  async function deployAndCompare(
    files: readonly string[],
    deploy: (object: JsonObject) => Promise<{ readonly status: number }>,
  ): Promise<{ readonly applied: number; readonly report: DriftReport | undefined }> {
    const applied: JsonObject[] = [];
    for (const object of inOrder(files.flatMap(objectsIn))) {
      try {
        const { status } = await deploy(object);
        if (status < 300) applied.push(object);
      } catch {
        // Kinds that this cluster does not serve.
      }
    }
    const report = applied.length === 0 ? undefined : await compare(cluster, applied);
    for (const object of applied.toReversed()) {
      if (stringIn(object, 'kind') !== 'Namespace') await writers.remove(object);
    }
    return { applied: applied.length, report };
  }

  test('by server-side apply: nothing drifts, nothing is unknown', async () => {
    let count = 0;
    for (const [name, files] of await sets()) {
      const { applied, report } = await deployAndCompare(files, (object) =>
        writers.apply(object, 'argocd-controller'),
      );
      count += applied;
      if (report !== undefined) {
        expect({ name, drifts: brief(report), unknown: report.unknown }).toEqual({
          name,
          drifts: [],
          unknown: [],
        });
      }
    }
    expect(count).toBeGreaterThan(60);
  }, 600_000);

  test('by kubectl apply: nothing drifts, nothing is unknown', async () => {
    for (const [name, files] of await sets()) {
      const { report } = await deployAndCompare(files, writers.applyByClient);
      if (report !== undefined) {
        expect({ name, drifts: brief(report), unknown: report.unknown }).toEqual({
          name,
          drifts: [],
          unknown: [],
        });
      }
    }
  }, 600_000);
});

/** Namespaces come first, each object once. */
function inOrder(objects: readonly JsonObject[]): readonly JsonObject[] {
  const once = new Map(objects.map((object) => [nameOf(object), object]));
  return [...once.values()].toSorted(
    (left, right) =>
      Number(stringIn(right, 'kind') === 'Namespace') -
      Number(stringIn(left, 'kind') === 'Namespace'),
  );
}
