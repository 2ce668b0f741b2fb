import { Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import { addDriftActions } from './actions.ts';
import { addClusterOptions, collect } from './cluster-options.ts';
import type { DriftOptions } from './options.ts';

const formats = ['text', 'json', 'markdown', 'sarif'] as const;

/** Adds `meshgate drift`. */
export const addDriftCommand: AddCommand = (program, terminal, finish) => {
  const command = program
    .command('drift')
    .summary('compare a cluster with what Git declares')
    .description(
      'Compares what the paths declare (rendered, as check does) with what a cluster has. Nothing is ever written to ' +
        'the cluster. Exits with 0 when all is as declared, 1 when something drifts, 2 when it could not be told.',
    )
    .argument('[paths...]', 'files and folders that declare, or -', ['.'])
    .option(
      '--live <dump>',
      'a saved state in place of a cluster: a file or folder of `kubectl get -o yaml` or -o json, best with --show-managed-fields, or -',
    )
    .addOption(
      new Option('-o, --output <format>', 'how to report').choices(formats).default('text'),
    )
    .option('-c, --config <file>', 'the configuration (default: meshgate.yaml, if there is one)')
    .option(
      '-n, --namespace <name>',
      'compare only this namespace; may be given several times',
      collect,
      [],
    )
    .option('-k, --kind <kind>', 'compare only this kind; may be given several times', collect, [])
    .option('--cluster <name>', 'how the report names the cluster (default: the dump)')
    .option('--color', 'colours, even where the output is no terminal')
    .option('--no-color', 'no colours')
    .addHelpText(
      'after',
      '\nA dump counts as complete: what Git declares and the dump lacks is missing. Narrow it with --namespace and --kind.',
    );
  addClusterOptions(command);
  addDriftActions(command);
  command.action(async (paths: readonly string[], options: DriftOptions) => {
    if (options.invoke !== undefined) {
      const { invokeDrift } = await import('./invoke-drift.ts');
      finish(await invokeDrift(options.invoke, options, terminal));
      return;
    }
    if (options.fleet !== undefined) {
      const { showFleet } = await import('./show-fleet.ts');
      finish(await showFleet(options.fleet, options, terminal));
      return;
    }
    const { runDrift } = await import('./run-drift.ts');
    finish(await runDrift(paths, options, terminal));
  });
};
