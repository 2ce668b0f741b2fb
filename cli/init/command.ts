import type { AddCommand } from '../add-command.ts';

/** Adds `meshgate init`. */
export const addInitCommand: AddCommand = (program, terminal, finish) => {
  program
    .command('init')
    .summary('write a commented meshgate.yaml')
    .description('Writes meshgate.yaml with every setting in comments, at its default.')
    .option('-f, --force', 'overwrite the file that is there', false)
    .action(async ({ force }: { readonly force: boolean }) => {
      const { writeConfig } = await import('./write-config.ts');
      writeConfig(force);
      terminal.out('meshgate.yaml is written: every setting is in it, commented out.\n');
      finish(0);
    });
};
