import { expect, test } from '@jest/globals';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';
import { fixSources } from '../../pipelines/fix.ts';
import { renderSources } from '../../pipelines/render-sources.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { ledger } from '../fixtures/ledger.ts';
import { describeRendering } from '../support/describe-rendering.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const settings = { ...defaultSettings, mesh: { ...defaultSettings.mesh, nativeSidecars: false } };

/** What fixing a folder changes, by file, and what it leaves to report. */
async function fix(files: Readonly<Record<string, string>>): Promise<{
  readonly added: Readonly<Record<string, readonly string[]>>;
  readonly fixed: readonly (readonly string[] | undefined)[];
  readonly refused: readonly (string | undefined)[];
  readonly left: readonly string[];
}> {
  const folder = temporaryFolder(files);
  const readInput = (): Promise<Buffer> => Promise.reject(new Error('no input is asked for'));
  const read = await readSources({ paths: [folder], ignore: [], readInput });
  const sources = await renderSources(read, [folder], settings);
  try {
    const result = await fixSources(sources, { catalogue, settings, now: 0 });
    const shown = (file: string): string => file.replace(`${folder}/`, '');
    const added = result.files.map(({ file, before, after }): [string, readonly string[]] => {
      expect(before).toBe(files[shown(file)]);
      return [
        shown(file),
        after
          .split('\n')
          .filter((line) => !before.includes(line))
          .map((line) => line.replace(/\d{3,}/u, '<n>')),
      ];
    });
    return {
      added: Object.fromEntries(added),
      fixed: result.fixed.map(({ files: edited }) => edited?.map(shown)),
      refused: result.refused.map(({ problem }) => problem),
      left: result.report.findings
        .filter(({ finding }) => finding.severity === 'error')
        .map(({ finding }) => finding.policy),
    };
  } finally {
    await sources.close?.();
  }
}

const chart = (values: string, template: string): Readonly<Record<string, string>> => ({
  'chart/Chart.yaml': 'apiVersion: v2\nname: ledger\nversion: 1.0.0\n',
  'chart/values.yaml': values,
  'chart/templates/ledger.yaml': template,
});

describeRendering('fixing what a renderer made', () => {
  test('edits the patch that sets one field, and the resource that sets the other', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: [ledger.yaml]\n',
      'base/ledger.yaml': ledger,
      'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: grace.yaml}]\n',
      'prod/grace.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: shop}
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 25 # for now
`,
    };
    expect(await fix(files)).toEqual({
      added: {
        'base/ledger.yaml': ['          terminationDrainDuration: <n>s'],
        'prod/grace.yaml': ['      terminationGracePeriodSeconds: <n> # for now'],
      },
      fixed: [['base/ledger.yaml', 'prod/grace.yaml']],
      refused: [],
      left: [],
    });
  });

  test('edits the values of a chart, and plain manifests beside it', async () => {
    const template = ledger
      .replace('Seconds: 30', 'Seconds: {{ .Values.pod.grace }}')
      .replace('DrainDuration: 20s', 'DrainDuration: {{ .Values.pod.drain }}');
    const files = {
      ...chart('pod:\n  grace: 30\n  drain: 20s\n', template.replaceAll('shop', 'bank')),
      'plain.yaml': ledger,
    };
    expect(await fix(files)).toMatchObject({
      added: {
        'chart/values.yaml': ['  grace: <n>', expect.stringMatching(/^ {2}drain: "?<n>s"?$/u)],
        'plain.yaml': [
          '          terminationDrainDuration: <n>s',
          '      terminationGracePeriodSeconds: <n> # the default',
        ],
      },
      refused: [],
      left: [],
    });
  });

  test('says why where no edit gives the fixed object', async () => {
    const template = ledger.replace('Seconds: 30', 'Seconds: {{ add .Values.grace 7 }}');
    expect(await fix(chart('grace: 23\n', template))).toEqual({
      added: {},
      fixed: [],
      refused: [expect.stringMatching(/^no edit of one source makes exactly this/u)],
      left: ['drain/grace-covers-ttl'],
    });
  });
});
