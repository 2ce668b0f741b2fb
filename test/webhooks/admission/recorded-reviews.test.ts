import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Operation } from 'rfc6902';
import type { Mode } from '../../../policies/core/finding.ts';
import { valueIn } from '../../../policies/core/json.ts';
import { parsePointer, pointer, valueAt } from '../../../policies/core/pointer.ts';
import { catalogue } from '../../../policies/index.ts';
import {
  fakeContext,
  fakePolicy,
  wantsGrace,
  forbidsBad,
} from '../../support/admission/fake-gate.ts';
import { startGateServer, type GateServer } from '../../support/admission/gate-server.ts';
import { applyOperations, verifyAnswer } from '../../support/admission/verify-answer.ts';
import { findShared } from '../../support/shared.ts';

interface Expected {
  readonly gate: 'mutate' | 'validate';
  readonly must: {
    readonly status: number;
    /** The answer carries the request's uid. */
    readonly uid: boolean;
    readonly patchAllowed: boolean;
    readonly neverDenied: boolean;
    readonly mustNotTouch?: readonly string[];
  };
}

const shared = findShared('data', 'admission-reviews');
const folder = 'path' in shared ? shared.path : '';
const names =
  folder === ''
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith('.expected.json'))
        .map((name) => name.replace('.expected.json', ''));

// Complains of everything that it may judge, so that whatever must pass passes by the guards.
const complains = fakePolicy(
  'test/complains',
  [
    'Pod',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'ReplicaSet',
    'Job',
    'Namespace',
    'Service',
    'DestinationRule',
    'VirtualService',
    'PeerAuthentication',
    'ServiceEntry',
  ],
  ({ resource }) => [
    {
      message: 'broken',
      at: pointer('spec'),
      data: { how: JSON.stringify(valueIn(resource.object, 'spec')).slice(0, 50) },
    },
  ],
);
const sets = [
  ['the catalogue', catalogue, 'warn'],
  ['the catalogue', catalogue, 'enforce'],
  ['policies that complain', [complains, wantsGrace, forbidsBad], 'enforce'],
] as const satisfies readonly (readonly [string, unknown, Mode])[];

describe.each(sets)('recorded reviews with %s (%#)', (_, policies, mode) => {
  let gate: GateServer;
  beforeAll(async () => {
    const context = fakeContext(policies, mode);
    gate = await startGateServer({ context: () => context });
  });
  afterAll(() => gate.close());

  if (names.length === 0) {
    // oxlint-disable-next-line jest/no-disabled-tests -- the cases are not part of the repository
    test.skip(`none [skipped: ${'missing' in shared ? shared.missing : ''}]`, () => undefined);
    return;
  }
  test.each(names)('%s', async (name) => {
    const body = readFileSync(join(folder, `${name}.json`));
    const expected = JSON.parse(
      readFileSync(join(folder, `${name}.expected.json`), 'utf8'),
    ) as Expected;
    const { must } = expected;
    const review = JSON.parse(body.toString('utf8')) as {
      request: { uid: string; object: unknown };
    };
    const { uid, object } = review.request;

    const answer = await gate.post(`/${expected.gate}?timeout=10s`, body);
    expect(answer.status).toBe(must.status);
    const about = { gate: expected.gate, uid, object } as const;
    const response = verifyAnswer(answer, about);
    if (must.neverDenied) {
      expect(response.allowed).toBe(true);
    }
    if (!must.patchAllowed) {
      expect(response.operations).toEqual([]);
    }
    expect(touched(object, response.operations, must.mustNotTouch ?? [])).toEqual([]);

    const again = {
      request: { ...review.request, object: applyOperations(object, response.operations) },
    };
    const second = await gate.post(`/${expected.gate}`, JSON.stringify({ ...review, ...again }));
    expect(verifyAnswer(second, { ...about, object: again.request.object }).operations).toEqual([]);
  });
});

function touched(
  object: unknown,
  operations: readonly Operation[],
  pointers: readonly string[],
): readonly string[] {
  const after = applyOperations(object, operations);
  return pointers.filter((text) => {
    const at = parsePointer(text) ?? pointer();
    return JSON.stringify(valueAt(object, at)) !== JSON.stringify(valueAt(after, at));
  });
}
