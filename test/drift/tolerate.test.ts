import { expect, test } from '@jest/globals';
import { toleranceRules } from '../../pipelines/present/drift-tolerate.ts';
import { parseDocuments } from '../../pipelines/render/parse-documents.ts';
import { readSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';
import { driftOf, driftReport, fieldOf } from '../support/drift-report.ts';

const subsets = (version: string) => ({
  spec: { subsets: [{ name: 'v1', labels: { v: version } }] },
});

test('rules of tolerance are as the configuration takes them once the reason is there', () => {
  const at = '/spec/subsets/0/labels/v';
  const found = driftOf('ledger', {
    fields: [fieldOf(at, '1', '2')],
    declared: subsets('1'),
    live: subsets('2'),
  });
  const text = toleranceRules(driftReport({ drifts: [found] }), Date.UTC(2026, 10, 30));
  expect(text).toContain('at: "/spec/subsets/[name=v1]/labels/v"');
  const head = 'apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\n';
  const read = (body: string) =>
    readSettings(parseDocuments(head + body).documents[0]?.value, catalogue);
  expect(read(text)).toHaveProperty('problems');
  expect(read(text.replace('reason: ""', 'reason: accepted'))).toMatchObject({
    settings: {
      drift: {
        ignore: [{ kind: 'DestinationRule', manager: 'kubectl-edit', expires: '2027-02-28' }],
      },
    },
  });
});
