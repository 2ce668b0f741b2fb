import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const packageFolder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/u;
const licenseFile = /^(?:licen[cs]e|notice|copying)/iu;

/** The license texts of every package whose code is in the bundles, as their licenses ask for. */
export async function collectLicenses(
  root: string,
  metafiles: readonly Metafile[],
): Promise<string> {
  const folders = new Set<string>();
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const folder = packageFolder.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const texts: string[] = [];
  for (const folder of [...folders].toSorted())
    texts.push(await describePackage(join(root, folder)));
  return texts.join('\n\n');
}

async function describePackage(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const files = (await readdir(folder)).filter((file) => licenseFile.test(file)).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const heading = `${manifest.name} ${manifest.version} (${manifest.license ?? 'license not declared'})`;
  return [heading, ...texts.map((text) => text.trim())].join('\n\n');
}
