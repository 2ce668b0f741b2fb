import { fileURLToPath } from 'node:url';

/** What the tests take from the environment, beside what the tools do. */
export interface TestEnvironment {
  /** Path of the real Istio in one binary. */
  readonly istioOracle: string | undefined;
  /** Folder of third-party cases that are not part of the repository. */
  readonly sharedFolder: string;
  /** How many random meshes to compare with the real Istio, where it is not the default. */
  readonly randomMeshes: number | undefined;
}

/** Reads the environment; the only place of the tests that does. */
export function readTestEnvironment(): TestEnvironment {
  const randomMeshes = Number(process.env['MESHGATE_RANDOM_MESHES']);
  return {
    istioOracle: process.env['ISTIO_ORACLE'] || undefined,
    sharedFolder:
      process.env['MESHGATE_SHARED'] || fileURLToPath(new URL('../../../shared', import.meta.url)),
    randomMeshes: randomMeshes > 0 ? randomMeshes : undefined,
  };
}
