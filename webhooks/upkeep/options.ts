import type { Registry } from 'prom-client';
import type { ClusterClient } from '../../pipelines/source/cluster-client.ts';
import { apiPath, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import type { Logger } from '../admission/log.ts';
import type { RotationTimes } from '../certificates/rotation.ts';
import type { ServedCertificate } from '../certificates/served.ts';
import type { Clock } from '../clock.ts';
import type { RegistrationOptions } from '../registration/options.ts';
import type { FailurePolicy } from './failure-policy.ts';
import type { LeaseTimes } from './lease.ts';

/** Where the trust of the registered webhooks comes from. */
export type TrustSource =
  /** Our own authority, kept in a Secret. */
  | { readonly kind: 'secret'; readonly secret: string }
  /** The authorities of a file. */
  | { readonly kind: 'file'; readonly file: string }
  /** cert-manager's injector, by `<namespace>/<certificate>`. */
  | { readonly kind: 'injected'; readonly from: string };

/** What this replica is called, and where it works. */
export interface UpkeepPlace {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  readonly lease: string;
  readonly identity: string;
  /** Name of the ClusterRole that owns what is made. */
  readonly ownerClusterRole: string | undefined;
  /** Where we are reached by way of the Service. */
  readonly probe: { readonly host: string; readonly port: number };
}

/** Path of the Lease that one replica holds. */
export function leasePathOf({ service, lease }: UpkeepPlace): string {
  const leases = { apiVersion: 'coordination.k8s.io/v1', resource: 'leases' };
  return apiPath({ ...leases, namespace: service.namespace, name: lease });
}

/** What is to be registered now. */
export interface RegistrationWish extends Pick<
  RegistrationOptions,
  'subjects' | 'fill' | 'ownNamespace' | 'rootNamespace'
> {
  readonly failurePolicy: FailurePolicy;
}

/** What the upkeep works with. */
export interface UpkeepOptions {
  readonly client: ClusterClient;
  readonly writer: ClusterWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly place: UpkeepPlace;
  readonly trust: TrustSource;
  readonly served: ServedCertificate;
  readonly times?: UpkeepTimes;
  /** Undefined until the configuration is known. */
  wish(): RegistrationWish | undefined;
  /** Which configuration is in force. */
  configuration(): string;
}

/** How long the pieces take, where it is not as usual. */
export interface UpkeepTimes {
  readonly rotation?: RotationTimes;
  readonly lease?: LeaseTimes;
}
