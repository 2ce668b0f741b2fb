import type { ProcessState } from '../served/process-state.ts';
import { grows, trendOf, type Trend } from './trend.ts';

/** What the process held at a moment. */
export interface Sample {
  readonly minutes: number;
  readonly state: ProcessState;
}

/** What a soak saw. */
export interface Soak {
  readonly capacityPerSecond: number;
  readonly ratePerSecond: number;
  readonly requests: number;
  readonly failures: number;
  readonly oddCalls: number;
  readonly reloads: number;
  readonly samples: readonly Sample[];
  /** Without load, before and after it. */
  readonly before: ProcessState;
  readonly after: ProcessState;
}

/** Part of the samples that is left out: caches fill, and code is compiled. */
const warmUpShare = 0.25;
const sharePerMinute = 0.005;
/** Below these, warming up is all that is seen. */
const leastMinutes = 3;
/** Handles that may be open without load beyond those that were before: connections that are about to close. */
const spareHandles = 2;

/** Whether nothing leaks, and every review was answered. */
export function isSound(soak: Soak): boolean {
  return faults(soak).length === 0;
}

/** The figures, and what is wrong with them. */
export function describeSoak(soak: Soak): string {
  const { samples, before, after } = soak;
  const { heap, resident, handles } = trends(samples);
  return [
    `${String(soak.requests)} reviews, ${soak.ratePerSecond.toFixed(0)} a second of ${soak.capacityPerSecond.toFixed(0)} at most, ` +
      `${String(soak.failures)} failed; ${String(soak.oddCalls)} odd calls, ${String(soak.reloads)} configurations`,
    line('heap after collection', heap, 2 ** 20, 'MB'),
    line('resident', resident, 2 ** 20, 'MB'),
    line('open handles', handles, 1, ''),
    `without load: ${String(handlesOf(before))} handles before, ${String(handlesOf(after))} after; ` +
      `heap ${megabytes(before.heapBytes)} MB before, ${megabytes(after.heapBytes)} MB after`,
    conclusion(soak),
    '',
  ].join('\n');
}

function conclusion(soak: Soak): string {
  const found = faults(soak);
  if (found.length > 0) {
    return `LEAK: ${found.join('; ')}`;
  }
  return isLong(soak)
    ? 'nothing grows'
    : `nothing is left open; too short to see what grows (${String(leastMinutes)} minutes)`;
}

function faults(soak: Soak): readonly string[] {
  const { heap, resident, handles } = trends(soak.samples);
  const left = handlesOf(soak.after) - handlesOf(soak.before);
  const growing = isLong(soak)
    ? [
        ...(grows(heap, sharePerMinute) ? ['the heap grows'] : []),
        ...(grows(resident, sharePerMinute) ? ['resident memory grows'] : []),
        ...(grows(handles, sharePerMinute) ? ['open handles grow'] : []),
      ]
    : [];
  return [
    ...growing,
    ...(left > spareHandles ? [`${String(left)} handles are left open`] : []),
    ...(soak.failures > 0 ? [`${String(soak.failures)} reviews failed`] : []),
  ];
}

function isLong({ samples }: Soak): boolean {
  return (samples.at(-1)?.minutes ?? 0) >= leastMinutes * 0.9;
}

function trends(
  samples: readonly Sample[],
): Readonly<Record<'heap' | 'resident' | 'handles', Trend>> {
  const steady = samples.slice(Math.floor(samples.length * warmUpShare));
  const of = (value: (state: ProcessState) => number): Trend =>
    trendOf(steady.map(({ minutes, state }) => ({ minutes, value: value(state) })));
  return {
    heap: of(({ heapBytes }) => heapBytes),
    resident: of(({ rssBytes }) => rssBytes),
    handles: of(handlesOf),
  };
}

function handlesOf({ resources }: ProcessState): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

function line(
  name: string,
  { mean, perMinute, error }: Trend,
  unit: number,
  label: string,
): string {
  const [average, slope, doubt] = [mean, perMinute, error].map((value) =>
    (value / unit).toFixed(2),
  );
  return `${name}: ${average ?? ''} ${label} on average, ${slope ?? ''} (± ${doubt ?? ''}) ${label} a minute`;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
