import { Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import type { InstallRequest } from './render-install.ts';

/** Adds `meshgate install`: the chart for those without Helm. It prints, and `kubectl apply` installs. */
export const addInstallCommand: AddCommand = (program, terminal) => {
  program
    .command('install')
    .summary('print the manifests that install meshgate in a cluster')
    .description(
      'Prints what the chart makes, to be applied by kubectl or committed to Git. Nothing is sent to a cluster.',
    )
    .option('-n, --namespace <name>', 'where meshgate runs', 'meshgate-system')
    .option('--release <name>', 'what its objects are called after', 'meshgate')
    .option('-f, --values <file>', 'values of the chart; may be given several times', collect, [])
    .option('--set <key=value>', 'one value, as Helm takes it; may be repeated', collect, [])
    .option('--set-string <key=value>', 'the same, always as a text', collect, [])
    .addOption(new Option('-o, --output <format>').choices(['yaml', 'json']).default('yaml'))
    .option('--dry-run', 'what it does anyway: print, and change nothing')
    .action(async (request: InstallRequest) => {
      const [{ renderInstall }, { createRenderer }] = await Promise.all([
        import('./render-install.ts'),
        import('../../pipelines/render/wasm-renderer.ts'),
      ]);
      const renderer = createRenderer();
      try {
        terminal.out(await renderInstall(request, renderer));
      } finally {
        await renderer.close();
      }
    });
};

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
