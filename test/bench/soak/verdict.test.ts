import { expect, test } from '@jest/globals';
import type { ProcessState } from '../../../bench/served/process-state.ts';
import { describeSoak, isSound, type Soak } from '../../../bench/soak/verdict.ts';

const idle: ProcessState = {
  rssBytes: 200e6,
  heapBytes: 50e6,
  peakBytes: 220e6,
  cpuSeconds: 1,
  resources: { TCPSocketWrap: 10 },
};

/** Ten minutes, a sample each ten seconds, in which a figure grows by so much a minute about some noise. */
function soakWith(changed: (minutes: number) => Partial<ProcessState>, end = idle): Soak {
  const samples = Array.from({ length: 60 }, (_, index) => {
    const minutes = (index + 1) / 6;
    const noise = ((index * 7919) % 13) * 1e5;
    const state = { ...idle, heapBytes: idle.heapBytes + noise };
    return { minutes, state: { ...state, ...changed(minutes) } };
  });
  const counts = { requests: 1000, failures: 0, oddCalls: 10, reloads: 4 };
  return { ...counts, capacityPerSecond: 20, ratePerSecond: 10, samples, before: idle, after: end };
}

test('what goes up and down is sound', () => {
  const soak = soakWith(() => ({}));
  expect(isSound(soak)).toBe(true);
  expect(describeSoak(soak)).toContain('nothing grows');
});

test('what only grows while it warms up is sound', () => {
  const soak = soakWith((minutes) => ({ rssBytes: 200e6 + Math.min(minutes, 2) * 50e6 }));
  expect(isSound(soak)).toBe(true);
});

test.each([
  ['the heap grows', (minutes: number) => ({ heapBytes: 50e6 + minutes * 1e6 })],
  ['resident memory grows', (minutes: number) => ({ rssBytes: 200e6 + minutes * 3e6 })],
  [
    'open handles grow',
    (minutes: number) => ({ resources: { Timeout: 10 + Math.floor(minutes) } }),
  ],
])('%s', (fault, changed) => {
  const soak = soakWith(changed);
  expect(isSound(soak)).toBe(false);
  expect(describeSoak(soak)).toContain(`LEAK: ${fault}`);
});

test('handles that are left open, and reviews that failed, are no good', () => {
  const left = soakWith(() => ({}), { ...idle, resources: { TCPSocketWrap: 15 } });
  expect(describeSoak(left)).toContain('LEAK: 5 handles are left open');
  expect(isSound({ ...soakWith(() => ({})), failures: 1 })).toBe(false);
});

test('a run of seconds tells only of what is left open', () => {
  const long = soakWith((minutes) => ({ heapBytes: 50e6 + minutes * 1e6 }));
  const short = { ...long, samples: long.samples.slice(0, 8) };
  expect(isSound(short)).toBe(true);
  expect(describeSoak(short)).toContain('too short');
});
