import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

/** Adds a command; it reports its exit code through `finish` and loads what it needs only when it runs. */
export type AddCommand = (
  program: Command,
  terminal: Terminal,
  finish: (exitCode: number) => void,
) => void;
