import { describe, expect, test } from '@jest/globals';
import { applyPatch } from 'rfc6902';
import { restorationOf } from '../../pipelines/drift/restore.ts';
import type { FieldDrift, ObjectDrift } from '../../pipelines/drift/report.ts';
import { revertScript } from '../../pipelines/present/drift-revert.ts';
import type { JsonObject } from '../../policies/core/json.ts';
import { driftOf, driftReport, fieldOf } from '../support/drift-report.ts';

function objectWith(spec: JsonObject): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'ledger', namespace: 'shop' },
    spec,
  };
}

function drift(
  declared: JsonObject,
  live: JsonObject,
  fields: readonly FieldDrift[],
  parts: Partial<ObjectDrift> = {},
): ObjectDrift {
  return driftOf('ledger', {
    fields,
    declared: objectWith(declared),
    live: objectWith(live),
    ...parts,
  });
}

/** The live object after its patch, which must be one. */
function patched(of: ObjectDrift): unknown {
  const restoration = restorationOf(of);
  if (!('operations' in restoration)) {
    throw new Error(JSON.stringify(restoration));
  }
  const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
  const object = copy(of.live ?? {});
  expect(applyPatch(object, copy([...restoration.operations]))).toEqual(
    restoration.operations.map(() => null),
  );
  return object['spec'];
}

describe('what restores', () => {
  test('fields in maps is a part of the object, and nothing else of it', () => {
    const found = drift(
      { host: 'a', trafficPolicy: { tls: { mode: 'MUTUAL', sni: 'x' } } },
      { host: 'a', trafficPolicy: { tls: { mode: 'DISABLE', sni: 'x' } } },
      [fieldOf('/spec/trafficPolicy/tls/mode', 'MUTUAL', 'DISABLE')],
    );
    expect(restorationOf(found)).toEqual({
      kind: 'apply',
      object: objectWith({ trafficPolicy: { tls: { mode: 'MUTUAL' } } }),
    });
  });

  test('a field in a list is a patch of that field, which fails where it has changed again', () => {
    const found = drift(
      { subsets: [{ name: 'v1', labels: { v: '1' } }] },
      { subsets: [{ name: 'v1', labels: { v: '2' } }] },
      [fieldOf('/spec/subsets/0/labels/v', '1', '2')],
    );
    expect(restorationOf(found)).toEqual({
      kind: 'patch',
      operations: [
        { op: 'test', path: '/spec/subsets/0/labels/v', value: '2' },
        { op: 'replace', path: '/spec/subsets/0/labels/v', value: '1' },
      ],
    });
    expect(patched(found)).toEqual({ subsets: [{ name: 'v1', labels: { v: '1' } }] });
  });

  test('an addition takes it away', () => {
    const found = drift({ host: 'a' }, { host: 'a', exportTo: ['*'] }, [
      fieldOf('/spec/exportTo', undefined, ['*'], { class: 'foreign-addition' }),
    ]);
    expect(patched(found)).toEqual({ host: 'a' });
  });

  test('elements that came, went or moved restore their list', () => {
    const declared = { subsets: [{ name: 'v1' }, { name: 'v2' }, { name: 'v3' }] };
    const live = { subsets: [{ name: 'v0' }, { name: 'v3' }, { name: 'v1' }] };
    const found = drift(declared, live, [
      fieldOf('/spec/subsets/0', undefined, { name: 'v0' }, { class: 'foreign-addition' }),
      fieldOf('/spec/subsets/1', { name: 'v2' }, undefined, { class: 'missing-field' }),
    ]);
    expect(patched(found)).toEqual(declared);
  });

  test('a member of an element that lacks its parents adds them', () => {
    const declared = { subsets: [{ name: 'v1', trafficPolicy: { tls: { mode: 'MUTUAL' } } }] };
    const found = drift(declared, { subsets: [{ name: 'v1' }] }, [
      fieldOf('/spec/subsets/0/trafficPolicy/tls/mode', 'MUTUAL', undefined, {
        class: 'missing-field',
      }),
    ]);
    expect(patched(found)).toEqual(declared);
  });

  test('nothing that is hidden gets into a command', () => {
    const hidden = fieldOf('/spec/a', '(hidden)', '(hidden)');
    expect(restorationOf(drift({ a: 's3cret' }, { a: 'other' }, [hidden]))).toHaveProperty(
      'problem',
    );
    const secret = { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'ledger' };
    const missing = drift({}, {}, [], { verdict: 'missing', reference: secret });
    expect(restorationOf(missing)).toHaveProperty('problem');
  });
});

describe('the script', () => {
  const print = (...drifts: readonly ObjectDrift[]): string =>
    [...revertScript(driftReport({ drifts }))].join('');

  test('applies the part as a manager of its own', () => {
    const found = drift({ host: 'a' }, { host: 'b' }, [fieldOf('/spec/host', 'a', 'b')]);
    expect(print(found)).toContain(
      "kubectl apply --server-side --force-conflicts --field-manager=meshgate-revert -f - <<'END'\n{\n",
    );
  });

  test('quotes what goes into a shell, and spells what a terminal would obey', () => {
    const evil = "it's $(rm -rf /) `x` \u202E\u009B31m";
    const found = drift({ hosts: [{ a: evil }] }, { hosts: [{ a: 'b' }] }, [
      fieldOf('/spec/hosts/0/a', evil, 'b'),
    ]);
    const text = print(found);
    expect(text).toContain(
      'kubectl patch destinationrule.v1.networking.istio.io ledger -n shop --type=json',
    );
    expect(text).toContain(String.raw`it'\''s $(rm -rf /) `);
    expect(text).toContain(String.raw`\u202e\u009b31m`);
    expect(text).not.toMatch(/[\u202E\u009B]/u);
  });

  test('never deletes, and takes no name that is none', () => {
    const extra = driftOf('stray', { verdict: 'extra', fields: [] });
    expect(print(extra)).toContain(
      '\n# kubectl delete destinationrule.v1.networking.istio.io stray',
    );
    expect(print(driftOf('a; rm -rf /'))).toContain('# not restored: its name');
    expect(print(driftOf('--all', { verdict: 'extra', fields: [] }))).not.toContain('delete');
    const executable = print(extra)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(executable).toEqual([]);
  });
});
