import { expect, test } from '@jest/globals';
import { fitDriftReport, fitFleet } from '../../../pipelines/present/drift-answer.ts';
import { fleetReport } from '../../../pipelines/present/fleet-report.ts';
import { toJsonDrift, type JsonDriftReport } from '../../../pipelines/present/json-drift.ts';
import { listIn } from '../../../policies/core/json.ts';
import { driftOf, driftReport, fieldOf } from '../../support/drift-report.ts';

const most = 6 * 1024 * 1024;
const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A report whose names, and whose differences, take so much each. */
function reportOf(names: number, differences: number): JsonDriftReport {
  const inSync = Array.from({ length: names }, (_, index) => `Gateway shop/ü-${String(index)}`);
  const drifts = Array.from({ length: differences }, (_, index) =>
    driftOf(`rule-${String(index)}`, {
      fields: [fieldOf('/spec/host', 'ledger', 'ü'.repeat(5000))],
    }),
  );
  return toJsonDrift(driftReport({ inSync, drifts }));
}

test('what fits is answered as it is', () => {
  const report = reportOf(10, 10);
  expect(fitDriftReport(report)).toBe(report);
});

test('names go first, and every difference stays', () => {
  const report = reportOf(300_000, 100);
  expect(sizeOf(report)).toBeGreaterThan(most);
  const fitted = fitDriftReport(report);
  expect(sizeOf(fitted)).toBeLessThan(most);
  expect(fitted).toMatchObject({ verdict: 'drift', inSync: [], coverage: report.coverage });
  expect(fitted['drifts']).toEqual(report.drifts);
  expect(fitted['notes']).toEqual([expect.stringContaining('the names of 300000 objects in sync')]);
});

test('then whole differences, the last ones, with their number', () => {
  const report = reportOf(10, 2000);
  const fitted = fitDriftReport(report);
  expect(sizeOf(fitted)).toBeLessThan(most);
  const kept = listIn(fitted, 'drifts');
  expect(kept.length).toBeGreaterThan(100);
  expect(kept).toEqual(report.drifts.slice(0, kept.length));
  expect(fitted['notes']).toEqual([
    expect.stringContaining('the names of 10 objects'),
    expect.stringContaining(`${String(2000 - kept.length)} further differences had no room`),
  ]);
  expect(fitted['verdict']).toBe('drift');
});

test('a fleet keeps its summary, and each cluster a part of the room', () => {
  const members = ['eu', 'us', 'asia'].map((cluster) => ({ cluster, report: reportOf(10, 800) }));
  const fleet = fleetReport(members);
  const fitted = fitFleet(fleet);
  expect(sizeOf(fitted)).toBeLessThan(most);
  expect(fitted.summary).toEqual(fleet.summary);
  expect(fitted.summary[0]).toMatchObject({ drifts: 800 });
  expect(fitted.clusters).toHaveLength(3);
});
