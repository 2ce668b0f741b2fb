import { beforeAll, describe, expect, test } from '@jest/globals';
import { createAuthority, issueLeaf } from '../../../webhooks/certificates/issue.ts';
import { readKeyring, secretData, type Keyring } from '../../../webhooks/certificates/keyring.ts';
import {
  chainsTo,
  fingerprint,
  isPair,
  validityOf,
  type Pair,
} from '../../../webhooks/certificates/pair.ts';
import {
  withNewAuthority,
  withNewLeaf,
  withoutOldAuthorities,
} from '../../../webhooks/certificates/renew.ts';
import { nextStep, type RotationView } from '../../../webhooks/certificates/rotation.ts';

const day = 24 * 60 * 60 * 1000;
const start = Date.parse('2026-11-30T12:00:00Z');
const names = ['meshgate.meshgate-system.svc'];

let authority: Pair;
let leaf: Pair;
let keyring: Keyring;
beforeAll(async () => {
  authority = await createAuthority(start);
  leaf = await issueLeaf(authority, names, start);
  keyring = { authority, bundle: [authority.cert], leaf };
});

function view(changes: Partial<RotationView>): RotationView {
  return { now: start, keyring, names, trustedSince: start - day, served: [], ...changes };
}

describe('what is issued', () => {
  test('is a pair that chains, for two years and ninety days', () => {
    expect(isPair(authority)).toBe(true);
    expect(isPair(leaf)).toBe(true);
    expect(isPair({ cert: leaf.cert, key: authority.key })).toBe(false);
    expect(chainsTo(leaf.cert, [authority.cert])).toBe(true);
    expect(validityOf(authority.cert).to - start).toBe(730 * day);
    expect(validityOf(leaf.cert).to - start).toBe(90 * day);
    expect(validityOf(leaf.cert).from).toBeLessThan(start);
  });

  test('never outlives its authority', async () => {
    const late = await issueLeaf(authority, names, start + 700 * day);
    expect(validityOf(late.cert).to).toBe(validityOf(authority.cert).to);
  });

  test('does not chain to an authority of the same kind', async () => {
    const other = await createAuthority(start);
    expect(chainsTo(leaf.cert, [other.cert])).toBe(false);
    expect(chainsTo(leaf.cert, [other.cert, authority.cert])).toBe(true);
    expect(chainsTo(leaf.cert, [leaf.cert])).toBe(false);
  });
});

describe('the next step', () => {
  test('is none until two thirds of the leaf are over', () => {
    const step = nextStep(view({}));
    expect(step.do).toBe('nothing');
    const until = step.do === 'nothing' ? step.until : 0;
    const { from, to } = validityOf(leaf.cert);
    expect(until).toBeCloseTo(from + ((to - from) * 2) / 3, -1);
    expect(nextStep(view({ now: until - 1000 })).do).toBe('nothing');
    expect(nextStep(view({ now: until + 1000 })).do).toBe('renew-leaf');
  });

  test('is a new authority with 180 days left, though the leaf is good', async () => {
    const now = validityOf(authority.cert).to - 180 * day;
    const fresh = { ...keyring, leaf: await issueLeaf(authority, names, now - day) };
    expect(nextStep(view({ keyring: fresh, now: now - 1000 })).do).toBe('nothing');
    expect(nextStep(view({ keyring: fresh, now })).do).toBe('renew-authority');
  });

  test('is a new authority where the Secret holds nothing', () => {
    expect(nextStep(view({ keyring: undefined, trustedSince: 'nothing' })).do).toBe(
      'renew-authority',
    );
  });

  test('is a leaf at once where nothing is registered', () => {
    const bare = { authority, bundle: [authority.cert] };
    expect(nextStep(view({ keyring: bare, trustedSince: 'nothing' })).do).toBe('renew-leaf');
  });

  test('is a leaf for another name where the Service has another', () => {
    expect(nextStep(view({ names: ['gate.meshgate-system.svc'] })).do).toBe('renew-leaf');
  });
});

test('a rotation goes from bundle to wait to leaf to the end of the old authority', async () => {
  const now = validityOf(authority.cert).to - 100 * day;
  const second = await withNewAuthority({ keyring, others: [], names, now });
  expect(second.bundle).toHaveLength(2);
  expect(second.bundle[1]).toBe(authority.cert);
  expect(second.leaf).toEqual(leaf);
  const at = (changes: Partial<RotationView>) =>
    nextStep(view({ keyring: second, now, ...changes }));
  expect(at({ trustedSince: undefined }).do).toBe('wait-for-trust');
  expect(at({ trustedSince: now - 59_000 })).toEqual({ do: 'wait', until: now + 1000 });
  expect(at({ trustedSince: now - 60_000 }).do).toBe('renew-leaf');

  const third = await withNewLeaf(second, { names, now });
  expect(chainsTo(third.leaf?.cert ?? '', [second.authority.cert])).toBe(true);
  const mark = fingerprint(third.leaf?.cert ?? '');
  const old = fingerprint(leaf.cert);
  const after = (served: readonly string[]) => nextStep(view({ keyring: third, now, served })).do;
  expect(after([mark, old])).toBe('wait-for-replicas');
  expect(after([mark, ''])).toBe('wait-for-replicas');
  expect(after([mark, mark])).toBe('drop-old-authorities');

  const last = withoutOldAuthorities(third);
  expect(nextStep(view({ keyring: last, now, served: [mark] })).do).toBe('nothing');
});

test('a lost keyring keeps what the webhooks trust beside the new authority, but nothing expired', async () => {
  const expired = await createAuthority(start - 800 * day);
  const others = [authority.cert, expired.cert, authority.cert];
  const made = await withNewAuthority({ keyring: undefined, others, names, now: start });
  expect(made.bundle).toEqual([made.authority.cert, authority.cert]);
  expect(made.leaf).toBeUndefined();
});

describe('the Secret', () => {
  const secret = (changes: Record<string, string> = {}) => ({
    data: { ...secretData(keyring), ...changes },
  });
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test('gives back what was put in', () => {
    expect(readKeyring(secret())).toEqual({ keyring });
  });

  test.each([
    ['no Secret', undefined],
    ['an empty one', {}],
    ['data that is no object', { data: 'x' }],
    ['no key', { data: { 'ca.crt': 'x' } }],
  ])('%s holds nothing', (_, object) => {
    expect(readKeyring(object)).toMatchObject({ authorities: [] });
  });

  test('whose authority has another key still tells the authority', async () => {
    const other = await createAuthority(start);
    const reading = readKeyring(secret({ 'ca.key': base64(other.key) }));
    expect(reading).toMatchObject({ authorities: [authority.cert] });
  });

  test.each([
    [
      'a leaf that is none',
      { 'tls.crt': base64('-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----') },
    ],
    ['another key', { 'tls.key': base64('no key') }],
    ['no key', { 'tls.key': '' }],
  ])('with %s is a keyring without a leaf', (_, changes) => {
    const reading = readKeyring(secret(changes));
    expect(reading.problem).toContain('tls.crt');
    expect('keyring' in reading && reading.keyring.leaf).toBeFalsy();
    expect(nextStep(view({ keyring: 'keyring' in reading ? reading.keyring : undefined })).do).toBe(
      'renew-leaf',
    );
  });

  test('never quotes a key in what it says', () => {
    const spoiled = secret({ 'ca.crt': base64(authority.key) });
    expect(JSON.stringify(readKeyring(spoiled))).not.toContain('PRIVATE');
  });
});
