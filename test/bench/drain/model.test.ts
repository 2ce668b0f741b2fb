import { describe, expect, test } from '@jest/globals';
import { drainCases, servedRatios } from '../../../bench/drain/cases.ts';
import { expectedShare, longestLife, requiredRatio } from '../../../bench/drain/model.ts';

function caseOf(id: string): (typeof drainCases)[number] {
  const found = drainCases.find((drainCase) => drainCase.id === id);
  if (found === undefined) throw new Error(`no case ${id}`);
  return found;
}

test.each([
  ['ideal', 1, 1.5, 2],
  ['delay', 1.33, 1.5, 2],
  ['jitter', 1.83, 1.83, 2],
  ['late-1.0', 2, 2, 2],
  ['late-1.5', 2.5, 2.5, 2.5],
  ['no-ttl', Infinity, Infinity, Infinity],
])('%s: the last connection ends after %d TTLs', (id, life, byLeast, byTarget) => {
  expect(longestLife(caseOf(id))).toBeCloseTo(life);
  expect(requiredRatio(caseOf(id), 1.5)).toBeCloseTo(byLeast);
  expect(requiredRatio(caseOf(id), 2)).toBeCloseTo(byTarget);
});

describe('the expected share of connections cut', () => {
  test('falls evenly over one TTL where every client learns at once', () => {
    expect(servedRatios.map((ratio) => expectedShare(caseOf('ideal'), ratio))).toEqual([
      0.5, 0.25, 0, 0, 0, 0, 0, 0,
    ]);
  });

  test.each(drainCases.map(({ id }) => id))('%s: is nothing from L(1+j) + S on', (id) => {
    const drainCase = caseOf(id);
    const life = longestLife(drainCase);
    for (const ratio of servedRatios) {
      if (ratio >= life) expect(expectedShare(drainCase, ratio)).toBe(0);
      else expect(expectedShare(drainCase, ratio)).toBeGreaterThan(0);
    }
  });

  test('counts a late quarter as connected until it has learned', () => {
    expect(expectedShare(caseOf('late-1.5'), 1.4)).toBeCloseTo(0.25);
  });
});
