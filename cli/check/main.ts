// `meshgate check` by itself, which `npm run build` makes one script of: see `bin/run-script.mjs`.
import { run } from '../program.ts';
import { processTerminal } from '../terminal.ts';
import { addCheckCommand } from './command.ts';

void start();

async function start(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processTerminal(), [addCheckCommand]);
}
