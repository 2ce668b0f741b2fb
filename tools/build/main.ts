// `npm run build`: bundles what ships into dist/.
import { existsSync } from 'node:fs';
import { copyFile, glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { requireBanner } from './banner.ts';
import { buildCheckScript } from './check-script.ts';
import { buildFunctions } from './functions.ts';
import { makeBom } from '../sbom/bom.ts';
import { collectLicenses } from './licenses.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: { meshgate: 'cli/main.ts', 'render-worker': 'pipelines/render/wasm-worker.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  banner: { js: requireBanner },
  legalComments: 'eof',
  logLevel: 'warning',
  metafile: true,
  write: false,
});

const others = [await buildCheckScript(root), await buildFunctions(root)];
const files = new Map(
  [...outputFiles, ...others.flatMap((other) => other.outputFiles)].map(({ path, contents }) => [
    path,
    contents,
  ]),
);
const licenses = await collectLicenses(root, [metafile, ...others.map((other) => other.metafile)]);
files.set(join(root, 'dist/THIRD-PARTY-LICENSES.txt'), new TextEncoder().encode(licenses));
files.set(join(root, 'dist/sbom.cdx.json'), new TextEncoder().encode(await makeBom(root)));
for (const [path, contents] of files) await replaceFile(path, contents);
const renderer = join(root, 'dist/render.wasm');
await copyRenderer(join(root, 'tools/bin/render.wasm'));
for await (const file of glob('dist/**/*.*', { cwd: root })) {
  if (!files.has(join(root, file)) && join(root, file) !== renderer)
    await rm(join(root, file), { force: true });
}

/** Without it, the command says of kustomizations and charts that they are not rendered. */
async function copyRenderer(built: string): Promise<void> {
  if (!existsSync(built)) {
    console.error('the renderer is not built, so it is left out: `npm run tools` builds it');
    return;
  }
  if (!(await holds(renderer, await readFile(built)))) {
    await replace(renderer, (unfinished) => copyFile(built, unfinished));
  }
}

/** Leaves a file alone that is the same, so that whoever copies the folder meanwhile finds no other files in it. */
async function replaceFile(path: string, contents: Uint8Array): Promise<void> {
  if (!(await holds(path, contents))) {
    await replace(path, (unfinished) => writeFile(unfinished, contents));
  }
}

async function holds(path: string, contents: Uint8Array): Promise<boolean> {
  return existsSync(path) && (await readFile(path)).equals(contents);
}

/** In one step, so that a command that runs meanwhile finds the whole file. */
async function replace(path: string, write: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = join(dirname(path), `unfinished-${process.pid}`);
  await mkdir(dirname(path), { recursive: true });
  await write(unfinished);
  await rename(unfinished, path);
}
