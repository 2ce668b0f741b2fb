import { Command, CommanderError } from 'commander';
import type { AddCommand } from './add-command.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** The exit code of bad usage and of input that cannot be read. */
const unusable = 2;

/** The exit code of our own failures, so that they are not taken for findings. Source: sysexits.h, EX_SOFTWARE. */
const defect = 70;

/**
 * Runs the command line, as far as these commands make it, and gives its exit code: 0 in order, 1 findings that block,
 * 2 bad usage or unreadable input.
 */
export async function run(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly AddCommand[],
): Promise<number> {
  let exitCode = 0;
  const program = createProgram(terminal, commands, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : unusable;
    }
    if (error instanceof UsageError) {
      terminal.err(`meshgate: ${error.message}\n`);
      return unusable;
    }
    const details = error instanceof Error ? error.stack : String(error);
    terminal.err(`meshgate: a defect of meshgate, please report it: ${details ?? ''}\n`);
    return defect;
  }
}

/** The command line as commander sees it; completion is made from it too. */
function createProgram(
  terminal: Terminal,
  commands: readonly AddCommand[],
  finish: (exitCode: number) => void,
): Command {
  const program = new Command('meshgate')
    .description('Holds one set of Istio mesh policies at review, admission and drift.')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
    });
  for (const add of commands) {
    add(program, terminal, finish);
  }
  return program;
}
