import { fileURLToPath } from 'node:url';
import { installCrds } from './crds.ts';
import type { Cluster } from './start.ts';

const folder = fileURLToPath(new URL('../../fixtures/report-crds', import.meta.url));

/** Installs the kinds of openreports.io and wgpolicyk8s.io, and waits until objects of them can be listed. */
export function installReportKinds(cluster: Cluster): Promise<void> {
  return installCrds(cluster.api, folder);
}
