import { Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import type { CheckOptions } from './options.ts';

const formats = ['text', 'json', 'sarif', 'junit', 'github'] as const;
const severityNames = ['info', 'warning', 'error'] as const;

/** Adds `meshgate check`. */
export const addCheckCommand: AddCommand = (program, terminal, finish) => {
  program
    .command('check')
    .summary('check manifests against the policies')
    .description(
      'Checks Kubernetes and Istio manifests: files, folders (searched for .yaml, .yml and .json), or - for the ' +
        'standard input. Exits with 0 when nothing blocks, 1 when an enforced policy has an error, 2 when an input ' +
        'cannot be read.',
    )
    .argument('[paths...]', 'files, folders or -', ['.'])
    .addOption(
      new Option('-o, --output <format>', 'how to report').choices(formats).default('text'),
    )
    .option('-c, --config <file>', 'the configuration (default: meshgate.yaml, if there is one)')
    .option('-p, --policy <id>', 'run only this policy; may be given several times', collect, [])
    .addOption(
      new Option(
        '--min-severity <severity>',
        'show nothing milder (default: warning for text, else info)',
      ).choices(severityNames),
    )
    .option('-q, --quiet', 'one line a finding, and nothing else', false)
    .addOption(
      new Option('--fix', 'write the fixes into the files').default(false).conflicts('diff'),
    )
    .option('--diff', 'print what --fix would change, and change nothing', false)
    .option('--color', 'colours, even where the output is no terminal')
    .option('--no-color', 'no colours')
    .action(async (paths: readonly string[], options: CheckOptions) => {
      const { runCheck } = await import('./run-check.ts');
      finish(await runCheck(paths, options, terminal));
    });
};

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
