import { stringIn, type Json, type JsonObject } from '../../../policies/core/json.ts';
import { podSpec } from './pod.ts';
import { below, each, fallback, kept, type ShapeTable } from './shape.ts';
import { claimSpec } from './volume.ts';

const template = below('template.spec', podSpec);

/** Source: Kubernetes `pkg/apis/apps/v1/defaults.go`. */
export const deployment: ShapeTable = below('spec', {
  replicas: { ...fallback(1), ...kept },
  strategy: fallback({}),
  'strategy.type': fallback('RollingUpdate'),
  'strategy.rollingUpdate': fallback(rollingOnly),
  'strategy.rollingUpdate.maxUnavailable': { ...fallback('25%'), ...kept },
  'strategy.rollingUpdate.maxSurge': { ...fallback('25%'), ...kept },
  revisionHistoryLimit: { ...fallback(10), ...kept },
  progressDeadlineSeconds: { ...fallback(600), ...kept },
  ...template,
});

/** Source: Kubernetes `pkg/apis/apps/v1/defaults.go`. */
export const daemonSet: ShapeTable = below('spec', {
  updateStrategy: fallback({}),
  'updateStrategy.type': fallback('RollingUpdate'),
  'updateStrategy.rollingUpdate': fallback(rollingOnly),
  'updateStrategy.rollingUpdate.maxUnavailable': { ...fallback(1), ...kept },
  'updateStrategy.rollingUpdate.maxSurge': { ...fallback(0), ...kept },
  revisionHistoryLimit: { ...fallback(10), ...kept },
  ...template,
});

/** Source: Kubernetes `pkg/apis/apps/v1/defaults.go`. */
export const statefulSet: ShapeTable = below('spec', {
  replicas: { ...fallback(1), ...kept },
  podManagementPolicy: fallback('OrderedReady'),
  updateStrategy: fallback({}),
  'updateStrategy.type': fallback('RollingUpdate'),
  'updateStrategy.rollingUpdate': fallback(rollingOnly),
  'updateStrategy.rollingUpdate.partition': { ...fallback(0), ...kept },
  'updateStrategy.rollingUpdate.maxUnavailable': { ...fallback(1), ...kept },
  persistentVolumeClaimRetentionPolicy: fallback({}),
  'persistentVolumeClaimRetentionPolicy.whenDeleted': fallback('Retain'),
  'persistentVolumeClaimRetentionPolicy.whenScaled': fallback('Retain'),
  revisionHistoryLimit: { ...fallback(10), ...kept },
  'volumeClaimTemplates[].apiVersion': fallback('v1'),
  'volumeClaimTemplates[].kind': fallback('PersistentVolumeClaim'),
  'volumeClaimTemplates[].status': fallback({ phase: 'Pending' }),
  ...below('volumeClaimTemplates[].spec', claimSpec),
  ...template,
});

/** Source: Kubernetes `pkg/apis/apps/v1/defaults.go`. */
export const replicaSet: ShapeTable = below('spec', {
  replicas: { ...fallback(1), ...kept },
  ...template,
});

/** Source: Kubernetes `pkg/apis/batch/v1/defaults.go`. */
export const job: ShapeTable = below('spec', {
  completions: fallback((parent) => (parent['parallelism'] === undefined ? 1 : undefined)),
  parallelism: { ...fallback(1), ...kept },
  backoffLimit: { ...fallback(backoffLimit), ...kept },
  completionMode: fallback('NonIndexed'),
  suspend: { ...fallback(false), ...kept },
  manualSelector: { ...fallback(false), ...kept },
  podReplacementPolicy: fallback((parent) =>
    parent['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
  ),
  ...each('activeDeadlineSeconds ttlSecondsAfterFinished', kept),
  ...template,
});

/** Source: Kubernetes `pkg/apis/batch/v1/defaults.go`; the template of the Job gets none of the Job's own defaults. */
export const cronJob: ShapeTable = below('spec', {
  concurrencyPolicy: fallback('Allow'),
  suspend: { ...fallback(false), ...kept },
  successfulJobsHistoryLimit: { ...fallback(3), ...kept },
  failedJobsHistoryLimit: { ...fallback(1), ...kept },
  startingDeadlineSeconds: kept,
  ...below(
    'jobTemplate.spec',
    each(
      'parallelism completions backoffLimit suspend activeDeadlineSeconds ttlSecondsAfterFinished',
      kept,
    ),
  ),
  ...below('jobTemplate.spec', template),
});

/** Argo Rollouts keeps what was written, and its lists are those of a Pod. */
export const rollout: ShapeTable = below('spec', withoutFallbacks(template));

function rollingOnly(parent: JsonObject): Json | undefined {
  return stringIn(parent, 'type') === 'RollingUpdate' ? {} : undefined;
}

function backoffLimit(parent: JsonObject): Json {
  return parent['backoffLimitPerIndex'] === undefined ? 6 : 2 ** 31 - 1;
}

function withoutFallbacks(table: ShapeTable): ShapeTable {
  return Object.fromEntries(
    Object.entries(table).map(([path, facets]) => {
      const { fallback: _fallback, ...rest } = facets;
      return [path, rest];
    }),
  );
}
