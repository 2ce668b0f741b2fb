import { parseArgs } from 'node:util';

/** What every bench may be told; each uses what concerns it. */
export interface BenchOptions {
  /** Whether the pages of evidence are written. */
  readonly write: boolean;
  /** TTL of the drain bench. */
  readonly ttlSeconds: number;
  /** Repetitions of the drain and availability benches. */
  readonly rounds: number;
  /** How long the soak bench goes on. */
  readonly minutes: number;
}

const usage =
  'usage: npm run bench [-- [name...] [--write] [--ttl seconds] [--rounds count] [--minutes count]]';

/** Reads the command line; a string says what is wrong with it. */
export function readOptions(
  args: readonly string[],
): { readonly names: readonly string[]; readonly options: BenchOptions } | string {
  try {
    const { positionals: names, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        write: { type: 'boolean', default: false },
        ttl: { type: 'string', default: '6' },
        rounds: { type: 'string', default: '3' },
        minutes: { type: 'string', default: '10' },
      },
    });
    const options = {
      write: values.write,
      ttlSeconds: positive(values.ttl, Number.isFinite),
      rounds: positive(values.rounds, Number.isInteger),
      minutes: positive(values.minutes, Number.isFinite),
    };
    return { names, options };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
}

function positive(text: string, isValid: (value: number) => boolean): number {
  const value = Number(text);
  if (isValid(value) && value > 0 && value <= 60) return value;
  throw new Error(`${text} is not a number above 0 and up to 60`);
}
