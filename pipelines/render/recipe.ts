import type { JsonObject } from '../../policies/core/json.ts';
import type { HelmSet } from './wasm-jobs.ts';

/** How a root is rendered. */
export type Recipe = KustomizeRecipe | ChartRecipe | FolderRecipe;

/** A kustomization of the tree, and what an Application or a Flux Kustomization adds to it. */
export interface KustomizeRecipe {
  readonly type: 'kustomize';
  readonly folder: string;
  /** Fields of the kustomization that wraps it. */
  readonly extra: JsonObject;
  /** The files that Flux makes a kustomization of, where the folder has none. */
  readonly generated?: readonly string[];
}

/** A chart of the tree as one release. */
export interface ChartRecipe {
  readonly type: 'chart';
  readonly folder: string;
  readonly release: string;
  readonly namespace: string;
  /** Later ones win. */
  readonly values: readonly ValuesSource[];
  readonly sets: readonly HelmSet[];
  /** What the chart is told of the cluster, where that is not what all are told. */
  readonly kubeVersion?: string;
  /** Beside those that all are told. */
  readonly apiVersions?: readonly string[];
  /** Kustomizations around what comes out, the first one innermost; each lacks only its resources. */
  readonly postRenderers?: readonly JsonObject[];
}

/** Plain manifests that are applied to a namespace. */
export interface FolderRecipe {
  readonly type: 'folder';
  readonly files: readonly string[];
}

/** Values by their file, or written where the release is declared. */
export type ValuesSource =
  { readonly file: string; readonly optional?: boolean } | { readonly text: string };

/** What Flux replaces in the texts of what was built. */
export interface Substitution {
  readonly variables: Readonly<Record<string, string>>;
  /** All sources of variables are known: another variable is an empty text, as in Flux. */
  readonly complete: boolean;
}

/** Something that makes objects. */
export interface Root {
  /** The same in each commit that declares it: the file and the name of what declares it. */
  readonly key: string;
  /** The file that is named where it cannot be rendered. */
  readonly file: string;
  readonly recipe: Recipe;
  /** Filled in where an object that has a namespace names none. */
  readonly namespace?: string;
  readonly substitution?: Substitution;
  /** How many roots it was made by; bounds what makes itself. */
  readonly depth: number;
}

/** A root that cannot be rendered as it is declared. */
export interface FailedRoot {
  readonly key: string;
  readonly file: string;
  readonly problem: string;
  /** The folder that it would have rendered. */
  readonly folder?: string;
}

/** What a declaration stands for. */
export type Expansion = readonly (Root | FailedRoot)[];
