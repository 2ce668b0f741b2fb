import { fileURLToPath } from 'node:url';
import { reportKinds } from '../../../pipelines/present/openreports.ts';
import { apiPath } from '../../../pipelines/source/cluster-writer.ts';
import { installCrds } from './crds.ts';
import type { Cluster } from './start.ts';
import { waitFor } from './wait.ts';

const folder = fileURLToPath(new URL('../../fixtures/report-crds', import.meta.url));
const readyMilliseconds = 30_000;
const lists = Object.values(reportKinds).flatMap(({ apiVersion, namespaced, cluster }) =>
  [namespaced, cluster].map(({ resource }) => apiPath({ apiVersion, resource })),
);

/** Installs the kinds of openreports.io and wgpolicyk8s.io, and waits until objects of them can be listed. */
export async function installReportKinds(cluster: Cluster): Promise<void> {
  await installCrds(cluster.api, folder);
  // For a moment after that it answers 429: its storage is being initialised.
  await waitFor('the kinds being stored', readyMilliseconds, async () => {
    const answers = await Promise.all(lists.map((path) => cluster.api.send('GET', path)));
    return answers.every(({ status }) => status === 200) ? true : undefined;
  });
}
