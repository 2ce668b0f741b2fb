import type { JsonObject } from '../../policies/core/json.ts';

/** The two admission paths. */
export type AdmissionGate = 'mutate' | 'validate';

/** What the API server is asked to do. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** The part of an AdmissionRequest (admission.k8s.io/v1) that the gates read; texts that are absent are ''. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: Operation;
  /** The kind of `object`, which may differ from what the client sent (matchPolicy Equivalent). */
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly subResource: string;
  /** Of a Namespace, its own name; '' for other cluster-scoped objects. */
  readonly namespace: string;
  /** '' with generateName, and in the deletion of a collection. */
  readonly name: string;
  readonly userName: string;
  readonly dryRun: boolean;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
}
