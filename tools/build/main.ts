// `npm run build`: bundles what ships into dist/.
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { collectLicenses } from './licenses.ts';

/** CommonJS dependencies call `require`, which an ES module does not have. */
const requireBanner = [
  "import { createRequire as meshgateCreateRequire } from 'node:module';",
  'const require = meshgateCreateRequire(import.meta.url);',
].join('\n');

const root = fileURLToPath(new URL('../..', import.meta.url));

await rm(new URL('../../dist', import.meta.url), { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { meshgate: 'cli/main.ts' },
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
});
await writeFile(
  new URL('../../dist/THIRD-PARTY-LICENSES.txt', import.meta.url),
  await collectLicenses(root, metafile),
);
