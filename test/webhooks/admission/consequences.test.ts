import { expect, test } from '@jest/globals';
import { catalogue } from '../../../policies/index.ts';
import { validate } from '../../../webhooks/admission/validate.ts';
import { fakeContext, requestFor } from '../../support/admission/fake-gate.ts';

function entry(name: string, exportTo: string) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      hosts: [`${name}.db.example.com`],
      exportTo: [exportTo],
      location: 'MESH_EXTERNAL',
      resolution: 'DNS',
      ports: [{ number: 5432, name: 'tcp-db', protocol: 'TCP' }],
    },
  };
}

test('an object that takes the listener of another is admitted, with a warning that names the other', () => {
  const context = fakeContext(catalogue, 'enforce', [entry('orders', '*')]);
  const { response } = validate(requestFor(entry('stock', '.')), context);
  const warnings = (response.warnings ?? []).join('\n');
  expect(response.allowed).toBe(true);
  expect(warnings).toContain('egress/tcp-listener-collision at ServiceEntry shop/orders');
});

test('what was broken before is not told again', () => {
  const context = fakeContext(catalogue, 'enforce', [entry('orders', '*'), entry('stock', '.')]);
  const unrelated = { ...entry('stock', '.'), metadata: { name: 'other', namespace: 'shop' } };
  unrelated.spec.ports = [{ number: 6000, name: 'tcp-db', protocol: 'TCP' }];
  const { response } = validate(requestFor(unrelated), context);
  expect((response.warnings ?? []).join('\n')).not.toContain('shop/orders');
});
