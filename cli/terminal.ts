import { buffer } from 'node:stream/consumers';
import { readEnvironment } from './environment.ts';

/** What a command reads from and writes to. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly noColour: boolean;
  readInput(): Promise<Buffer>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The process's own streams. A reader that goes away (`| head`) ends the process without a word. */
export function processTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
    process.exit(process.exitCode ?? 0);
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    outIsTerminal: process.stdout.isTTY,
    errIsTerminal: process.stderr.isTTY,
    noColour: readEnvironment().noColour,
    readInput: () => buffer(process.stdin),
    now: Date.now,
  };
}
