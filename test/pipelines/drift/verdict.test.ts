import { describe, expect, test } from '@jest/globals';
import { liveObjects } from '../../../pipelines/drift/live-objects.ts';
import type { LiveKind } from '../../../pipelines/drift/live.ts';
import type { DriftVerdict, ObjectDrift } from '../../../pipelines/drift/report.ts';
import { runVerdict, strongest } from '../../../pipelines/drift/verdict.ts';

const coverage = { judged: 1, declared: 1, live: 1 };

function drifting(verdict: DriftVerdict): ObjectDrift {
  const reference = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'ledger' };
  return { reference, verdict, fields: [], why: '', remedy: '' };
}

describe('the verdict of a run', () => {
  test('is drift as soon as one object drifts, whatever could not be told', () => {
    const drifts = [drifting('unknown'), drifting('foreign')];
    const unknown = [{ object: 'Secret', why: 'forbidden' }];
    expect(runVerdict({ drifts, unknown, coverage })).toBe('drift');
  });

  test('is undetermined where an object terminates or a kind could not be listed', () => {
    expect(runVerdict({ drifts: [drifting('unknown')], unknown: [], coverage })).toBe(
      'undetermined',
    );
    const unknown = [{ object: 'Secret', why: 'forbidden' }];
    expect(runVerdict({ drifts: [], unknown, coverage })).toBe('undetermined');
  });

  test('is never in sync where nothing was read', () => {
    const nothing = { judged: 0, declared: 3, live: 0 };
    expect(runVerdict({ drifts: [], unknown: [], coverage: nothing })).toBe('undetermined');
    expect(runVerdict({ drifts: [], unknown: [], coverage })).toBe('in-sync');
  });

  test('takes the strongest of an object', () => {
    expect(strongest(['foreign', 'removed', 'changed'])).toBe('changed');
    expect(strongest([])).toBeUndefined();
  });
});

test('objects at hand are given by kind, whatever their version, and an absent kind as empty', async () => {
  const rule = { apiVersion: 'networking.istio.io/v1beta1', kind: 'DestinationRule' };
  const live = liveObjects('dump', [rule]);
  const wanted = [
    { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' },
    { apiVersion: 'v1', kind: 'Service' },
  ];
  const given = await Array.fromAsync(live.kinds(wanted), (kind: LiveKind) =>
    'objects' in kind ? Array.fromAsync(kind.objects) : [],
  );
  expect(given).toEqual([[rule], []]);
});
