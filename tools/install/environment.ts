import { delimiter } from 'node:path';

/** What the installer and the tests take from the environment. */
export interface ToolEnvironment {
  /** Set by continuous integration: what is missing is then a failure instead of a skip. */
  readonly ci: boolean;
  /** Folder with envtest's binaries, as controller-runtime's KUBEBUILDER_ASSETS. */
  readonly kubebuilderAssets: string | undefined;
  readonly path: readonly string[];
  /** The whole environment, to hand on to the Go command. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Reads the environment; the only place of the tools that does. */
export function readToolEnvironment(): ToolEnvironment {
  const variables = process.env;
  return {
    ci: isSet(variables['CI']),
    kubebuilderAssets: variables['KUBEBUILDER_ASSETS'] || undefined,
    path: (variables['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    variables,
  };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
