import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../check/measure.ts';
import { kubeconfigFor } from '../served/kubeconfig.ts';
import { startBenchApi } from './api-server.ts';
import { declaredObject } from './objects.ts';

const sizes = [2_000, 20_000];
const objectsInFile = 100;

/** Prints what comparing a cluster with Git takes, and how its memory grows with the number of objects. */
export async function benchDrift(): Promise<void> {
  print('declared and live\tseconds\tCPU s\tAPI calls\tMB\ttimes the memory of the first');
  let first: number | undefined;
  for (const size of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'meshgate-bench-'));
    const api = await startBenchApi(size);
    try {
      const args = await prepare(folder, size, api.port);
      const { seconds, cpuSeconds = Number.NaN, megabytes = Number.NaN } = await runCommand(args);
      first ??= megabytes;
      const cells = [
        String(size),
        seconds.toFixed(2),
        cpuSeconds.toFixed(2),
        String(api.calls()),
        megabytes.toFixed(0),
        (megabytes / first).toFixed(2),
      ];
      print(cells.join('\t'));
    } finally {
      await api.close();
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function prepare(folder: string, size: number, port: number): Promise<readonly string[]> {
  const manifests = join(folder, 'manifests');
  await mkdir(manifests);
  for (let start = 0; start < size; start += objectsInFile) {
    const texts = Array.from({ length: objectsInFile }, (_, index) =>
      JSON.stringify(declaredObject(start + index), null, 1),
    );
    await writeFile(join(manifests, `${String(start)}.yaml`), texts.join('\n---\n'));
  }
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(port));
  return ['drift', manifests, '--kubeconfig', kubeconfig, '--output', 'json'];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
