// `npm run demo [-- --without-cluster]`: shows the gates on the example, and fails where one does not do what it says.
import { findClusterBinaries } from '../../test/support/binaries.ts';
import { startDemoCluster } from './cluster.ts';
import { savedCluster } from './drift.ts';
import { part, say, show } from './narrate.ts';
import { describe, nameOf, type Apply, type Promised } from './outcome.ts';
import { git, meshgate, meshgateWith } from './programs.ts';
import { changeBranch, createRepository, demoManifests } from './repository.ts';
import { startDemoGate } from './reviews.ts';

/** What each manifest of `examples/admission` must come to. */
const promised: Readonly<Record<string, Promised>> = {
  '1-pod-without-drain.yaml': 'filled in',
  '2-drain-too-short.yaml': 'denied',
  '3-warned.yaml': 'warned of',
  '4-longer-connections.yaml': 'denied',
  '5-exempt.yaml': 'admitted',
};

const broken: string[] = [];
const repository = createRepository();
try {
  checkFiles(repository.folder);
  await admit();
  reviewChange(repository.folder);
  compareCluster(repository.folder);
} finally {
  repository.remove();
}
console.log('');
for (const promise of broken) say(`Not as promised: ${promise}.`);
if (broken.length === 0) {
  say('One set of policies, one wording. README.md says how to use each gate on your own mesh.');
}
process.exitCode = broken.length === 0 ? 0 : 1;

function checkFiles(folder: string): void {
  part(
    1,
    'Check: what files say, before anything is applied',
    'A shop keeps its manifests in Git (examples/repository). A change adds a service and lets connections to a database live for half an hour. A Pod that stops goes on serving only while its proxy drains, and cuts what is still open then: the new service drains for the default of 5 seconds, the database for ten minutes.',
  );
  show('meshgate check', '\n$ ');
  const { code, output } = meshgate(folder, 'check');
  show(output);
  expect(code === 1, 'check exits with 1 where an enforced policy has an error');
  say(`Exit code ${String(code)}: a build stops here.`);
}

async function admit(): Promise<void> {
  const without = reasonForNoCluster();
  part(
    2,
    'Admission: what a cluster accepts',
    'The same policies answer the API server. What a Pod does not declare is filled in, so that nobody has to know; what is declared and wrong is denied or warned of, as the configuration says for the namespace.',
  );
  say(
    without === undefined
      ? 'A real API server starts; the example is applied to it and meshgate registered (about ten seconds) ...'
      : `Without a real API server (${without}) meshgate serves with the example as its mesh, and is asked as an API server would ask it.`,
  );
  const gate = without === undefined ? await startDemoCluster() : await startDemoGate();
  try {
    for (const { file, about, resource } of demoManifests()) {
      show(`kubectl apply --server-side -f examples/admission/${file}`, '\n$ ');
      say(about, '  # ');
      await applyOne(gate.apply, file, resource);
    }
  } finally {
    await gate.stop();
  }
}

function reasonForNoCluster(): string | undefined {
  if (process.argv.includes('--without-cluster')) return 'as asked';
  const binaries = findClusterBinaries();
  return 'missing' in binaries ? binaries.missing : undefined;
}

async function applyOne(apply: Apply, file: string, resource: Parameters<Apply>[0]): Promise<void> {
  const outcome = await apply(resource);
  show(describe(outcome).join('\n'));
  const wanted = promised[file];
  expect(nameOf(outcome) === wanted, `${file} is ${String(wanted)}`);
}

function reviewChange(folder: string): void {
  part(
    3,
    'Review: what a pull request does to the mesh',
    'The change of part 1 as a comment on its pull request would read: what it introduces, with the lines to change; what it resolves; and what was there before and is no fault of it.',
  );
  show(`meshgate review --base main --head ${changeBranch}`, '\n$ ');
  const { code, output } = meshgate(folder, 'review', '--base=main', `--head=${changeBranch}`);
  show(output);
  expect(code === 1, 'review exits with 1 where a change introduces an error');
  expect(/Resolved \([1-9]/u.test(output), 'review lists what the change resolves');
  expect(/Remaining from before \([1-9]/u.test(output), 'review lists what remains');
}

function compareCluster(folder: string): void {
  part(
    4,
    'Drift: where the cluster differs from Git',
    'One night somebody let the connections of the orders database live for half an hour, by kubectl edit. The cluster was saved to a file; what Git declares is compared with it, and what the difference breaks is judged by the same policies.',
  );
  git(folder, 'checkout', '--quiet', 'main');
  show('meshgate drift . --live cluster.json', '\n$ ');
  const { code, output } = meshgateWith(savedCluster(), folder, 'drift', '.', '--live', '-');
  show(output);
  expect(code === 1, 'drift exits with 1 where the cluster differs');
  expect(output.includes('kubectl-edit'), 'drift says who changed it');
  expect(output.includes('drain/'), 'drift says what the change breaks');
}

function expect(holds: boolean, promise: string): void {
  if (!holds) broken.push(promise);
}
