import { build, type Metafile, type OutputFile } from 'esbuild';

/**
 * Bundles `meshgate check` into one script, an expression of a function of `require` and the script's own URL: V8 keeps
 * what it compiled of a script, and not of a module. See `bin/run-script.mjs`.
 */
export async function buildCheckScript(
  root: string,
): Promise<{ readonly outputFiles: readonly OutputFile[]; readonly metafile: Metafile }> {
  return await build({
    absWorkingDir: root,
    entryPoints: { check: 'cli/check/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    bundle: true,
    minifyWhitespace: true,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    target: 'node22',
    define: { 'import.meta.url': 'scriptUrl' },
    banner: { js: "(function (require, scriptUrl) {\n'use strict';" },
    footer: { js: '})' },
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
}
