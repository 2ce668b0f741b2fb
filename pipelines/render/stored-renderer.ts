import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mayVary } from './noise.ts';
import { hashOf } from './render-cache.ts';
import type { RenderStore } from './render-store.ts';
import type { RenderJob, Rendering } from './wasm-jobs.ts';
import type { Renderer } from './wasm-renderer.ts';

/** Changes with what {@link Rendering} holds. */
const format = 1;
const buildIdBytes = 4096;

/**
 * A renderer that looks up what came of the very same job before. A job names everything that its result depends on but
 * the renderer itself, which `identity` names; what may come out another way each time is not kept.
 */
export function storedRenderer(renderer: Renderer, store: RenderStore, identity: string): Renderer {
  return {
    async render(job) {
      if (varies(job)) {
        return await renderer.render(job);
      }
      const name = hashOf([format, identity, job]);
      const known = readStored(store.read(name));
      if (known !== undefined) {
        return known;
      }
      const result = await renderer.render(job);
      if (!('ended' in result)) {
        store.write(name, JSON.stringify(result));
      }
      return result;
    },
    close: () => renderer.close(),
  };
}

/** Tells one build of the renderer's module from another: Go puts the build's id at its beginning. */
export function moduleIdentity(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const start = Buffer.alloc(buildIdBytes);
    const length = readSync(descriptor, start, 0, buildIdBytes, 0);
    return hashOf([start.toString('base64', 0, length), fstatSync(descriptor).size]);
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a job's templates may give something else the next time. */
export function varies(job: RenderJob): boolean {
  switch (job.kind) {
    case 'helm':
      return Object.entries(job.texts).some(
        ([path, text]) => path.includes('templates/') && mayVary(text),
      );
    case 'template':
      return mayVary(JSON.stringify(job.template.value));
    case 'kustomize':
      return false;
  }
}

function readStored(text: string | undefined): Rendering | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Rendering);
  } catch {
    return undefined;
  }
}
