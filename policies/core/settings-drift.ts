import type { DriftTarget } from './settings-targets.ts';

/** A manager of fields that brings Git into the cluster; by any operation where none is named. */
export interface DeployerSetting {
  readonly manager: string;
  readonly operation?: 'Apply' | 'Update';
}

/** A difference between Git and the cluster that somebody has accepted; every given field must match. */
export interface DriftIgnore {
  /** As in the manifest. */
  readonly kind?: string;
  /** Names or globs with `*`. */
  readonly name?: string;
  readonly namespace?: string;
  /** A JSON Pointer whose steps may be `*` or `[key=value]`; what lies below is meant too. Absent: the whole object. */
  readonly at?: string;
  /** Who made the difference; a glob. */
  readonly manager?: string;
  /** Bounds of a live number. */
  readonly minimum?: number;
  readonly maximum?: number;
  readonly reason: string;
  /** Last day, `2027-01-31`. */
  readonly expires: string;
}

/** How the cluster is compared with Git. Key `drift:` of `meshgate.yaml`. */
export interface DriftSettings {
  /** Besides the usual ones. */
  readonly deployers: readonly DeployerSetting[];
  readonly ignore: readonly DriftIgnore[];
  /** Whether every addition by others counts, not only those that change what the mesh does. */
  readonly strict: boolean;
  /** Kinds besides the mesh's own of which an object that Git does not declare is reported. */
  readonly extraKinds: readonly string[];
  /** Whether Secrets are read; of their values nothing but that they differ is ever told. */
  readonly secrets: boolean;
  /** How long after a commit what is not applied yet is no drift; a Go duration. */
  readonly grace: string;
  /** Whether weights that a progressive delivery controller sets are ignored. */
  readonly canaryWeights: boolean;
  /** Whether the rules of aggregated ClusterRoles, which a controller writes, are compared. */
  readonly aggregatedRoles: boolean;
  /** Kinds of which the API server is asked what it would store, by a server-side apply that stores nothing. */
  readonly dryRun: readonly string[];
  /** The clusters of a fleet. */
  readonly targets: readonly DriftTarget[];
  /** Folder of `Cluster` entries, which are targets in files of their own. */
  readonly clusters?: string;
}

/** What holds where the configuration does not say. */
export const defaultDriftSettings: DriftSettings = Object.freeze({
  deployers: [],
  ignore: [],
  strict: false,
  extraKinds: [],
  secrets: false,
  grace: '15m',
  canaryWeights: false,
  aggregatedRoles: false,
  dryRun: [],
  targets: [],
});
