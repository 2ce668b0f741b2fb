import type { KindName } from '../../policies/core/kinds.ts';
import { defaultRootNamespace } from '../admission/guards.ts';
import type { WebhookAddress } from './address.ts';

/** What the configurations are generated from. */
export interface RegistrationOptions {
  /** The kinds that some policy that is not off judges: `Plan.subjects`. */
  readonly subjects: ReadonlySet<KindName>;
  /** Fill in on Pods what is absent. */
  readonly fill: boolean;
  readonly address: WebhookAddress;
  readonly ownNamespace: string;
  readonly rootNamespace?: string | undefined;
  /** What happens to objects while no webhook answers; `Ignore` unless the operator has proven the set-up. */
  readonly validatingFailurePolicy?: 'Ignore' | 'Fail';
  /** Register the webhook of the canary, by which it is proven that the API server reaches us. */
  readonly canary?: boolean;
}

/** The namespace of mesh-wide resources. */
export function rootOf({ rootNamespace }: RegistrationOptions): string {
  return rootNamespace ?? defaultRootNamespace;
}
