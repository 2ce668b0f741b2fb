import type { DiagnosisLevel } from '../../webhooks/doctor/diagnosis.ts';
import type { NamedDiagnosis } from '../../webhooks/doctor/diagnose.ts';

/** What `meshgate doctor` found. */
export interface DoctorReport {
  readonly server: string;
  readonly namespace: string;
  readonly diagnoses: readonly NamedDiagnosis[];
}

const levels: readonly DiagnosisLevel[] = ['problem', 'unknown', 'notice', 'ok'];

/** 1 where something is wrong, 2 where something could not be told, else 0. */
export function exitCodeOf({ diagnoses }: DoctorReport): number {
  const said = new Set(diagnoses.map(({ level }) => level));
  if (said.has('problem')) {
    return 1;
  }
  return said.has('unknown') ? 2 : 0;
}

/** The report as text: a line for each diagnosis, and one for what to do about it. */
export function textReport({ server, namespace, diagnoses }: DoctorReport): string {
  const width = Math.max(...diagnoses.map(({ check }) => check.length));
  const lines = diagnoses.flatMap(({ check, level, message, remedy }) => [
    `${level.padEnd(7)}  ${check.padEnd(width)}  ${clean(message)}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(width + 11)}-> ${clean(remedy)}`]),
  ]);
  const counts = levels
    .map((level) => ({ level, count: diagnoses.filter((one) => one.level === level).length }))
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => `${String(count)} ${level}`);
  return `${[`meshgate in ${namespace} at ${server}`, '', ...lines, '', counts.join(', ')].join('\n')}\n`;
}

/** Names and messages of a cluster are others' text: no control character of theirs reaches the terminal. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
