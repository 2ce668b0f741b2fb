import type { Command } from 'commander';

/** The words that a command takes. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
  /** Words that may follow a flag, or the command itself under ''. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** The words of a command; those of a policy argument are the policies' ids. */
export function wordsOf(command: Command, policies: readonly string[]): CommandWords {
  const values: Record<string, readonly string[]> = {};
  for (const option of command.options) {
    if (option.argChoices !== undefined && option.long !== undefined && option.long !== null) {
      values[option.long] = option.argChoices;
    }
  }
  if (command.options.some(({ long }) => long === '--policy')) {
    values['--policy'] = policies;
  }
  const [argument] = command.registeredArguments;
  const choices = argument?.name() === 'policy' ? policies : argument?.argChoices;
  return {
    name: command.name(),
    summary: command.summary(),
    flags: [...command.options.flatMap(({ long }) => long ?? []), '--help'],
    values: choices === undefined ? values : { ...values, '': choices },
  };
}
