import type { Snapshot } from './snapshot.ts';

/** How a check came out: as it should be, worth knowing, wrong, or not to be told. */
export type DiagnosisLevel = 'ok' | 'notice' | 'problem' | 'unknown';

/** What one check says of a cluster. */
export interface Diagnosis {
  readonly level: DiagnosisLevel;
  readonly message: string;
  /** What to do; absent where nothing is to be done. */
  readonly remedy?: string;
}

/** A check by its name, which is stable. It says at least one thing. */
export interface Check {
  readonly name: string;
  readonly diagnose: (snapshot: Snapshot) => readonly Diagnosis[];
}

/** All is well. */
export function ok(message: string): readonly Diagnosis[] {
  return [{ level: 'ok', message }];
}

/** Something is wrong. */
export function problem(message: string, remedy: string): Diagnosis {
  return { level: 'problem', message, remedy };
}

/** Something that is not wrong by itself. */
export function notice(message: string, remedy: string): Diagnosis {
  return { level: 'notice', message, remedy };
}

/** It cannot be told. */
export function unknown(message: string, remedy: string): Diagnosis {
  return { level: 'unknown', message, remedy };
}
