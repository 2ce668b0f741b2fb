import type { DriftRecord, KnownDrift } from './record.ts';

/** Differences whose first time is remembered; a marker with more would take the room of the report itself. */
const mostKnown = 600;

const head =
  /^<!-- meshgate:drift 1 ([\da-f]{16}) (\d+) ([\da-f]{16}) (\d+) (drifting|clean) (\d+)\n/u;
const group = /^(\d+):((?:[\da-f]{22},?)+)$/u;

/** A record as a comment of HTML, which a page does not show. */
export function writeRecord(record: DriftRecord): string {
  const { cluster, sequence, fingerprint, checked, drifting, total, known } = record;
  const state = drifting ? 'drifting' : 'clean';
  const minutes = Map.groupBy([...known].slice(0, mostKnown), ([, { since }]) =>
    Math.floor(since / 60_000),
  );
  const lines = [...minutes].map(
    ([minute, entries]) =>
      `${String(minute)}:${entries.map(([id, { value }]) => `${id}${value}`).join(',')}\n`,
  );
  const words = [cluster, sequence, fingerprint, Math.floor(checked / 1000), state, total];
  return `<!-- meshgate:drift 1 ${words.join(' ')}\n${lines.join('')}-->`;
}

/** The record at the beginning of a text, or undefined where there is none that can be read. */
export function readRecord(text: string): DriftRecord | undefined {
  const plain = text.replaceAll('\r\n', '\n');
  const match = head.exec(plain);
  const end = plain.indexOf('-->');
  if (match === null || end < 0) {
    return undefined;
  }
  const [begin, cluster = '', sequence, fingerprint = '', checked, state, total] = match;
  const known = new Map<string, KnownDrift>();
  for (const line of plain.slice(begin.length, end).split('\n')) {
    const [, minute = '', entries = ''] = group.exec(line) ?? [];
    for (const entry of entries.split(',').filter((each) => each !== '')) {
      known.set(entry.slice(0, 16), {
        value: entry.slice(16),
        since: Number(minute) * 60_000,
      });
    }
  }
  return {
    cluster,
    sequence: Number(sequence),
    fingerprint,
    checked: Number(checked) * 1000,
    drifting: state === 'drifting',
    total: Number(total),
    known,
  };
}
