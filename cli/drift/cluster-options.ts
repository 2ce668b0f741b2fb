import { Option, type Command } from 'commander';
import { readRepository } from './actions.ts';

/** What says in another way what is compared. */
const ways = ['live', 'kubeconfig', 'context', 'allContexts', 'mode', 'config', 'cluster'];
const modes = ['compare', 'dry-run'] as const;

/** Adds what says which cluster is compared, and how it is read. */
export function addClusterOptions(command: Command): void {
  command
    .option('--kubeconfig <file>', 'where the cluster is (default: KUBECONFIG, or ~/.kube/config)')
    .option(
      '--context <name>',
      'a context of the kubeconfig; may be given several times (default: the current one)',
      collect,
      [],
    )
    .option('--all-contexts', 'every context of the kubeconfig')
    .addOption(
      new Option(
        '--mode <mode>',
        'compare reads only; dry-run asks the API server what it would store, and may need the right to patch (default: compare, but for the kinds in drift.dryRun)',
      ).choices(modes),
    )
    .addOption(
      new Option(
        '--invoke <function>',
        'have a function of AWS Lambda do it: check-drift, or plan-drift for all clusters',
      ).conflicts(ways),
    )
    .option('--target <name>', 'with --invoke: the only cluster to compare')
    .addOption(
      new Option(
        '--fleet <repository>',
        'what the last checks of all clusters left in OWNER/REPO, in one report; compares nothing',
      )
        .argParser(readRepository)
        .conflicts([...ways, 'invoke', 'target']),
    );
}

/** Gathers an option that may be given several times. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
