import type { Path } from './differences.ts';

/** Labels and annotations by which deployers know what is theirs. */
const stamps: ReadonlySet<string> = new Set([
  'meta.helm.sh/release-name',
  'meta.helm.sh/release-namespace',
  'app.kubernetes.io/managed-by',
  'helm.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/namespace',
  'helm.toolkit.fluxcd.io/driftDetection',
  'kustomize.toolkit.fluxcd.io/name',
  'kustomize.toolkit.fluxcd.io/namespace',
  'kustomize.toolkit.fluxcd.io/checksum',
  'argocd.argoproj.io/tracking-id',
  'argocd.argoproj.io/instance',
  'app.kubernetes.io/instance',
]);

/** What the server or a controller notes on an object, whoever seems to own it. */
const notes: ReadonlySet<string> = new Set([
  'kubernetes.io/metadata.name',
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'control-plane.alpha.kubernetes.io/leader',
  'endpoints.kubernetes.io/last-change-trigger-time',
  'autoscaling.alpha.kubernetes.io/conditions',
  'autoscaling.alpha.kubernetes.io/current-metrics',
  'batch.kubernetes.io/job-tracking',
]);

/**
 * Whether a live-only label or annotation is a deployer's own stamp, or a note of the server. A stamp must belong to
 * deployers alone.
 */
export function isDeployerStamp(path: Path, byDeployersOnly: boolean): boolean {
  const [top, holder, key] = path;
  return (
    path.length === 3 &&
    top === 'metadata' &&
    (holder === 'labels' || holder === 'annotations') &&
    typeof key === 'string' &&
    (notes.has(key) || (byDeployersOnly && stamps.has(key)))
  );
}
