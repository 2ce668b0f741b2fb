import { performance } from 'node:perf_hooks';
import { evaluate, type Plan } from '../../policies/core/evaluate.ts';
import { planPolicies } from '../../policies/core/plan.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import type { Mesh, MutableMesh } from '../../policies/mesh/mesh.ts';
import { overlayMesh } from '../../policies/mesh/overlay.ts';
import { median } from './median.ts';
import { benchServedMesh } from './serve.ts';
import { subjectsOf, syntheticMesh, type MeshSize } from './synthetic.ts';

const small: MeshSize = { services: 200, podsPerService: 5 };
const large: MeshSize = { services: 10_000, podsPerService: 5 };
const rounds = 7;
const subjects = [...subjectsOf(1), ...subjectsOf(2), ...subjectsOf(3)];

interface Indexed {
  readonly mesh: MutableMesh;
  readonly objects: number;
  readonly seconds: number;
  readonly megabytes: number;
}

/** Prints what indexing a mesh costs and how the cost of judging one object grows with it, then the same of a server. */
export async function benchMesh(): Promise<void> {
  judgeInMemory();
  const quiet = { changesPerSecond: 0 };
  await benchServedMesh({ ...small, ...quiet }, { ...large, ...quiet });
}

function judgeInMemory(): void {
  const few = index(small);
  const many = index(large);
  for (const [name, { objects, seconds, megabytes }] of Object.entries({
    small: few,
    large: many,
  })) {
    print(
      `${name}: ${String(objects)} objects indexed in ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB of heap`,
    );
  }
  const plan = planPolicies({
    catalogue,
    settings: defaultSettings,
    gate: 'admission',
    now: 0,
    namespaceLabels: (namespace) => many.mesh.get('Namespace', '', namespace)?.labels,
  });
  print(['object', 'small, µs', 'large, µs', 'ratio'].join('\t'));
  const totals = { few: 0, many: 0 };
  for (const kind of new Set(subjects.map(({ type }) => type))) {
    const cost = medians(kind, few.mesh, many.mesh, plan);
    totals.few += cost.few;
    totals.many += cost.many;
    print(
      [kind, cost.few.toFixed(0), cost.many.toFixed(0), (cost.many / cost.few).toFixed(2)].join(
        '\t',
      ),
    );
  }
  print(
    [
      'all',
      totals.few.toFixed(0),
      totals.many.toFixed(0),
      (totals.many / totals.few).toFixed(2),
    ].join('\t'),
  );
}

function index(size: MeshSize): Indexed {
  const before = process.memoryUsage().heapUsed;
  const start = performance.now();
  const mesh = createMesh({});
  let objects = 0;
  for (const resource of syntheticMesh(size)) {
    mesh.put(resource);
    objects += 1;
  }
  const seconds = (performance.now() - start) / 1000;
  globalThis.gc?.();
  return { mesh, objects, seconds, megabytes: (process.memoryUsage().heapUsed - before) / 2 ** 20 };
}

/** Interleaved, so that a busy moment of the machine falls on both. */
function medians(
  kind: string,
  few: Mesh,
  many: Mesh,
  plan: Plan<Mesh>,
): { readonly few: number; readonly many: number } {
  const times = { few: [] as number[], many: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    times.few.push(judge(kind, few, plan));
    times.many.push(judge(kind, many, plan));
  }
  return { few: median(times.few), many: median(times.many) };
}

/** Microseconds to judge an object of a kind as admission does: in a view of the mesh that holds it. */
function judge(kind: string, mesh: Mesh, plan: Plan<Mesh>): number {
  const repeats = 200;
  const wanted = subjects.filter(({ type }) => type === kind);
  const start = performance.now();
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const resource of wanted) {
      evaluate({ resource, defaulted: true }, overlayMesh(mesh, resource), plan);
    }
  }
  return ((performance.now() - start) * 1000) / (repeats * wanted.length);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
