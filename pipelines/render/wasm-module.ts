import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { webAssembly, type CompiledModule } from './web-assembly.ts';

/** The renderer's parts on this machine. */
export interface RendererFiles {
  /** The WebAssembly module. */
  readonly module: string;
  /** The script of its thread. */
  readonly worker: URL;
}

/** Beside the sources, or beside the bundle and its chunks. */
const moduleFiles = ['../../tools/bin/render.wasm', './render.wasm', '../render.wasm'];
const workerFiles = ['./wasm-worker.ts', './render-worker.mjs', '../render-worker.mjs'];

/** What to do where {@link findRenderer} finds nothing. */
export const missingRenderer =
  'the renderer of Kustomize and Helm is not built: run `npm run tools` (it needs Go 1.26), or install the published package';

/** Where the renderer is; undefined where it was never built. */
export function findRenderer(): RendererFiles | undefined {
  const module = find(moduleFiles);
  const worker = find(workerFiles);
  return module === undefined || worker === undefined
    ? undefined
    : { module: fileURLToPath(module), worker };
}

const compiled = new Map<string, Promise<CompiledModule>>();

/** The compiled module; compiled once in a process. */
export async function compileRenderer(file: string): Promise<CompiledModule> {
  const known = compiled.get(file) ?? compile(file);
  compiled.set(file, known);
  return await known;
}

async function compile(file: string): Promise<CompiledModule> {
  // Functions are compiled when they are first called. Most never are, so they need not be validated before either.
  setFlagsFromString('--wasm-lazy-validation');
  return await webAssembly.compile(await readFile(file));
}

function find(candidates: readonly string[]): URL | undefined {
  return candidates
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(fileURLToPath(url)));
}
