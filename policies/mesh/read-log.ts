/** Kinds in two numbers of 30 bits, which cost no more than numbers do. */
const bitsInLow = 30;
const lastBit = 59;

/** Which kinds were read, and when each last changed: what tells whether a computation still holds. Kinds are numbered. */
export interface ReadLog {
  /** The kinds read since somebody set these to 0. */
  low: number;
  high: number;
  /** Grows with each change. */
  now: number;
  /** When each kind last changed. */
  readonly changes: number[];
}

/** A log of nothing. */
export function createReadLog(): ReadLog {
  return { low: 0, high: 0, now: 0, changes: [] };
}

/** Notes that objects of a kind, or that there are none, were read. */
export function noteRead(log: ReadLog, kind: number): void {
  const bit = Math.min(kind, lastBit);
  if (bit < bitsInLow) {
    log.low |= 1 << bit;
  } else {
    log.high |= 1 << (bit - bitsInLow);
  }
}

/** Notes that objects of a kind changed. */
export function noteChange(log: ReadLog, kind: number): void {
  log.now += 1;
  log.changes[Math.min(kind, lastBit)] = log.now;
}

/** Whether none of the kinds in `low` and `high` changed after `since`. */
export function areUnchanged(
  { changes }: ReadLog,
  { low, high }: Pick<ReadLog, 'low' | 'high'>,
  since: number,
): boolean {
  return isUnchanged(changes, low, 0, since) && isUnchanged(changes, high, bitsInLow, since);
}

function isUnchanged(
  changes: readonly number[],
  bits: number,
  offset: number,
  since: number,
): boolean {
  for (let left = bits; left !== 0; left &= left - 1) {
    const bit = 31 - Math.clz32(left & -left);
    if ((changes[bit + offset] ?? 0) > since) {
      return false;
    }
  }
  return true;
}
