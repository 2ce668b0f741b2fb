import { Command } from 'commander';

const program = new Command('meshgate').description(
  'Holds one set of Istio mesh policies at review, admission and drift.',
);

await program.parseAsync();
