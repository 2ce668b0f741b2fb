/** A cluster of EKS, as a function reaches it. */
export interface EksSetting {
  readonly clusterName: string;
  readonly region: string;
  /** URL of its API server; EKS is asked where it is absent. */
  readonly endpoint?: string;
  /** PEM in Base64; there where the endpoint is. */
  readonly certificateAuthority?: string;
  /** ARN of a role to take on first. */
  readonly role?: string;
}

/** A cluster to compare with Git, and what Git declares for it. Key `drift.targets` of `meshgate.yaml`. */
export interface DriftTarget {
  readonly name: string;
  /** Files and folders of the repository; all where it is absent. */
  readonly paths?: readonly string[];
  /** `OWNER/REPO`; the repository of the configuration where it is absent. */
  readonly repository?: string;
  /** Branch, tag or commit; the default branch where it is absent. */
  readonly ref?: string;
  readonly eks?: EksSetting;
  /** A context of a kubeconfig. */
  readonly context?: string;
}
