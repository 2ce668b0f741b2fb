import { plainLine } from '../../pipelines/present/escape.ts';
import type { Terminal } from '../terminal.ts';

/** Writes notes to standard error, a line each. */
export function printNotes(notes: readonly string[], terminal: Terminal): void {
  for (const note of notes) {
    terminal.err(`note: ${plainLine(note)}\n`);
  }
}

/** Writes parts to standard output, in few large pieces. */
export function writeAll(parts: Iterable<string>, terminal: Terminal): void {
  let pending = '';
  for (const part of parts) {
    pending += part;
    if (pending.length > 65_536) {
      terminal.out(pending);
      pending = '';
    }
  }
  terminal.out(pending);
}
