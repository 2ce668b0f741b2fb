// `npm run build`: bundles what ships into dist/.
import { glob, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { collectLicenses } from './licenses.ts';

/** CommonJS dependencies call `require`, which an ES module does not have. */
const requireBanner = [
  "import { createRequire as meshgateCreateRequire } from 'node:module';",
  'const require = meshgateCreateRequire(import.meta.url);',
].join('\n');

const root = fileURLToPath(new URL('../..', import.meta.url));

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
const licenses = 'dist/THIRD-PARTY-LICENSES.txt';
await writeFile(join(root, licenses), await collectLicenses(root, metafile));

// A command that runs meanwhile finds its modules; only what no build made any more goes.
for await (const file of glob('dist/**/*.*', { cwd: root })) {
  if (file !== licenses && !(file in metafile.outputs)) await rm(join(root, file));
}
