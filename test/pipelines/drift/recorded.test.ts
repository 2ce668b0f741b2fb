import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import { describeReference } from '../../../policies/core/resource.ts';
import { catalogue } from '../../../policies/index.ts';
import { findDrift } from '../../../pipelines/drift.ts';
import { indexDeclared } from '../../../pipelines/drift/declared.ts';
import type { DriftReport } from '../../../pipelines/drift/report.ts';
import { readDump } from '../../../pipelines/source/live-dump.ts';
import { readSources } from '../../../pipelines/source/read-sources.ts';
import { describeWith } from '../../support/describe-with.ts';
import { findShared } from '../../support/shared.ts';

interface Expected {
  readonly inSync: readonly string[];
  readonly drifts: readonly {
    readonly object: string;
    readonly verdict: string;
    readonly fields: readonly {
      readonly at: string;
      readonly atDeclared?: string;
      readonly manager?: string;
      readonly operation?: string;
    }[];
  }[];
}

const shared = findShared('data', 'drift-live');

async function reportOn(folder: string): Promise<DriftReport> {
  const readInput = (): Promise<Buffer> => Promise.reject(new Error('no input'));
  const dump = await readDump(join(folder, 'live.yaml'), readInput);
  if ('problems' in dump) throw new Error(JSON.stringify(dump.problems));
  return findDrift({
    declared: indexDeclared(
      await readSources({ paths: [join(folder, 'declared.yaml')], ignore: [], readInput }),
    ),
    live: dump.live,
    rules: { catalogue, settings: defaultSettings, now: Date.UTC(2026, 0, 1) },
  });
}

const missing = 'missing' in shared ? shared.missing : undefined;
const root = 'path' in shared ? shared.path : '';
const cases = root === '' ? [] : readdirSync(root).filter((name) => /^\d/u.test(name));

describeWith(missing, 'agrees with what a real cluster was seen to hold', () => {
  test.each(cases.length === 0 ? ['none'] : cases)('%s', async (name) => {
    const folder = join(root, name);
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
    const report = await reportOn(folder);
    const verdicts = report.drifts.map(({ reference, verdict }) => [
      describeReference(reference),
      verdict,
    ]);
    expect(Object.fromEntries(verdicts)).toEqual(
      Object.fromEntries(expected.drifts.map(({ object, verdict }) => [object, verdict])),
    );
    expect(report.inSync).toEqual(expect.arrayContaining([...expected.inSync]));
    for (const { object, fields } of expected.drifts) {
      const found = report.drifts.find(({ reference }) => describeReference(reference) === object);
      for (const field of fields) {
        const same = found?.fields.find(({ at }) => at === field.at || at === field.atDeclared);
        expect({ at: field.at, ...pick(same) }).toMatchObject({ at: field.at, ...pick(field) });
      }
    }
  });
});

function pick(
  field: { readonly manager?: string; readonly operation?: string } | undefined,
): object {
  return field?.manager === undefined ? {} : { manager: field.manager, operation: field.operation };
}
