import { setTimeout as sleep } from 'node:timers/promises';
import type { DriftRunner } from '../pipelines/drift-runner.ts';
import { createRendering } from '../pipelines/render/rendering.ts';
import { publicGitHub } from '../pipelines/source/github.ts';
import { catalogue } from '../policies/index.ts';
import { readDriftEnvironment } from './environment.ts';

/**
 * What the functions of the drift gate work with, made once for a process, with the App's key as it is when it is asked
 * for. Rejects where the key cannot be read, so that a function without it does not start.
 */
export async function createDriftRunner(): Promise<() => Promise<DriftRunner>> {
  const { gitHubUrl, privateKey, cacheFolder, ...rest } = readDriftEnvironment();
  const common = {
    ...rest,
    baseUrl: gitHubUrl === '' ? publicGitHub : gitHubUrl,
    catalogue,
    rendering: createRendering(cacheFolder),
    clock: { now: Date.now, sleep: (milliseconds: number) => sleep(milliseconds) },
  };
  await privateKey.current();
  return async () => ({ ...common, privateKey: await privateKey.current() });
}
