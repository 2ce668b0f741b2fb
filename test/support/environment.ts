import { fileURLToPath } from 'node:url';

/** What the tests take from the environment, beside what the tools do. */
export interface TestEnvironment {
  /** Path of the real Istio in one binary. */
  readonly istioOracle: string | undefined;
  /** Folder of third-party cases that are not part of the repository. */
  readonly sharedFolder: string;
  /** How many random meshes to compare with the real Istio, where it is not the default. */
  readonly randomMeshes: number | undefined;
  /** The number of this worker among those of jest that run side by side; 0 where it is none. */
  readonly worker: number;
}

/** Reads the environment; the only place of the tests that does. */
export function readTestEnvironment(): TestEnvironment {
  const randomMeshes = Number(process.env['MESHGATE_RANDOM_MESHES']);
  return {
    istioOracle: process.env['ISTIO_ORACLE'] || undefined,
    sharedFolder:
      process.env['MESHGATE_SHARED'] || fileURLToPath(new URL('../../../shared', import.meta.url)),
    randomMeshes: randomMeshes > 0 ? randomMeshes : undefined,
    worker: Number(process.env['JEST_WORKER_ID'] ?? 0),
  };
}

/** Sets variables for libraries that read them by themselves; gives what takes them back. */
export function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) {
        Reflect.deleteProperty(process.env, name);
      } else {
        process.env[name] = value;
      }
    }
  };
}
