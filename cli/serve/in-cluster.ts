import type { ReportGroup } from '../../pipelines/present/openreports.ts';
import { connectCluster, type ClusterClient } from '../../pipelines/source/cluster-client.ts';
import { connectWriter, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import type { Logger } from '../../webhooks/admission/log.ts';
import type { AdmissionMetrics } from '../../webhooks/admission/metrics.ts';
import type { ServedCertificate } from '../../webhooks/certificates/served.ts';
import type { Clock } from '../../webhooks/clock.ts';
import type { FailurePolicy } from '../../webhooks/upkeep/failure-policy.ts';
import type { RegistrationWish, TrustSource, UpkeepTimes } from '../../webhooks/upkeep/options.ts';
import { startUpkeep, type Upkeep } from '../../webhooks/upkeep/upkeep.ts';
import { UsageError } from '../usage-error.ts';
import type { InForce, LiveGate } from './live-gate.ts';

/** What `meshgate serve` is told of its place in a cluster. */
export interface InClusterFlags {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
  readonly lease: string;
  readonly identity: string;
  readonly trust: TrustSource;
  readonly ownerClusterRole: string | undefined;
  /** Undefined: as the configuration says. */
  readonly failurePolicy: FailurePolicy | undefined;
  /** Undefined: the Service. */
  readonly selfProbe: { readonly host: string; readonly port: number } | undefined;
  readonly audit: AuditPlan;
  readonly times?: UpkeepTimes;
}

/** How often what is there already is judged, and what is written of it. */
export interface AuditPlan {
  /** 0: never. */
  readonly minutes: number;
  /** Undefined: no reports. */
  readonly reports: ReportGroup | undefined;
}

/** Reading and writing access to the cluster. */
export interface ClusterAccess {
  readonly client: ClusterClient;
  readonly writer: ClusterWriter;
}

/** What the upkeep is made from beside the flags. */
export interface InClusterParts {
  readonly access: ClusterAccess;
  readonly ownNamespace: string;
  readonly clock: Clock;
  readonly gate: LiveGate;
  readonly served: ServedCertificate;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
}

/** Connects to the cluster. Throws a UsageError where there is none. */
export function connectToCluster(kubeconfig: string | undefined): ClusterAccess {
  try {
    return { client: connectCluster(kubeconfig), writer: connectWriter(kubeconfig) };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Starts to keep certificates and registrations right. */
export function startInCluster(flags: InClusterFlags, parts: InClusterParts): Upkeep {
  const { service, lease, identity, trust, ownerClusterRole, times } = flags;
  const { access, clock, gate, served, metrics, logger } = parts;
  const host = `${service.name}.${service.namespace}.svc`;
  return startUpkeep({
    ...access,
    clock,
    logger,
    registry: metrics.registry,
    place: {
      service,
      lease,
      identity,
      ownerClusterRole,
      probe: flags.selfProbe ?? { host, port: service.port },
    },
    trust,
    served,
    ...(times === undefined ? {} : { times }),
    wish: () => wishOf(gate.current(), flags.failurePolicy, parts.ownNamespace),
    configuration: () => gate.current()?.configuration.version ?? '',
  });
}

function wishOf(
  current: InForce | undefined,
  flag: FailurePolicy | undefined,
  ownNamespace: string,
): RegistrationWish | undefined {
  if (current === undefined) {
    return undefined;
  }
  const { settings } = current.configuration;
  return {
    subjects: current.context().plan.subjects,
    fill: settings.admission.fill,
    ownNamespace,
    rootNamespace: settings.mesh.rootNamespace,
    failurePolicy: failurePolicyOf(flag, settings.admission.failurePolicy),
  };
}

/** `Ignore` wins, so that either of them is the switch that turns `Fail` off. */
function failurePolicyOf(
  flag: FailurePolicy | undefined,
  setting: FailurePolicy | undefined,
): FailurePolicy {
  return flag === 'Ignore' || setting === 'Ignore' ? 'Ignore' : (flag ?? setting ?? 'Ignore');
}
