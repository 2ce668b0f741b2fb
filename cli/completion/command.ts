import { Argument } from 'commander';
import type { AddCommand } from '../add-command.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

/** Adds `meshgate completion`. */
export const addCompletionCommand: AddCommand = (program, terminal, finish) => {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description(
      'Prints a completion script. bash: source <(meshgate completion bash). zsh: the same, after compinit. ' +
        'fish: meshgate completion fish | source.',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { completionScript } = await import('./scripts.ts');
      const { catalogue } = await import('../../policies/index.ts');
      terminal.out(
        completionScript(
          shell,
          program,
          catalogue.map(({ id }) => id),
        ),
      );
      finish(0);
    });
};
