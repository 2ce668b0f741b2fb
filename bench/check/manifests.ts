import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { syntheticMesh } from '../mesh/synthetic.ts';

const documentsPerFile = 4;

/** Writes the first manifests of a synthetic mesh into a folder, four to a file, and gives the files. */
export async function writeManifests(count: number, folder: string): Promise<readonly string[]> {
  const documents: string[] = [];
  for (const { object } of syntheticMesh({ services: count, podsPerService: 0 })) {
    if (documents.length === count) {
      break;
    }
    documents.push(dump(object));
  }
  const files: string[] = [];
  for (let start = 0; start < count; start += documentsPerFile) {
    const file = join(folder, `manifests-${String(start / documentsPerFile)}.yaml`);
    await writeFile(file, documents.slice(start, start + documentsPerFile).join('---\n'));
    files.push(file);
  }
  return files;
}
