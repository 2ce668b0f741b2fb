import type { AddCommand } from '../add-command.ts';

/** Adds `meshgate explain`. */
export const addExplainCommand: AddCommand = (program, terminal, finish) => {
  program
    .command('explain')
    .summary('tell why a policy exists and how to meet it')
    .description(
      'Tells why a policy exists, its parameters, its messages, and a good and a bad example.',
    )
    .argument('<policy>', 'a policy id, as `meshgate policies` lists it')
    .action(async (id: string) => {
      const { explainPolicy } = await import('./explain-policy.ts');
      const { findPolicy } = await import('../find-policy.ts');
      terminal.out(explainPolicy(findPolicy(id)));
      finish(0);
    });
};
