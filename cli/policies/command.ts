import { Option } from 'commander';
import type { AddCommand } from '../add-command.ts';

/** Adds `meshgate policies`. */
export const addPoliciesCommand: AddCommand = (program, terminal, finish) => {
  program
    .command('policies')
    .summary('list the policies')
    .description('Lists every policy with its severity and what it judges.')
    .addOption(
      new Option('-o, --output <format>', 'how to list').choices(['text', 'json']).default('text'),
    )
    .action(async ({ output }: { readonly output: 'text' | 'json' }) => {
      const { listPolicies, policiesAsJson } = await import('./list-policies.ts');
      terminal.out(output === 'json' ? policiesAsJson() : listPolicies());
      finish(0);
    });
};
