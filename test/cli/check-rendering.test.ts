import { execFile } from 'node:child_process';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { describeRendering } from '../support/describe-rendering.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Report {
  readonly findings: readonly {
    readonly policy: string;
    readonly file: string;
    readonly line: number;
  }[];
  readonly errors: readonly { readonly file: string; readonly text: string }[];
}

const workload = (name: string, grace: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  selector: {matchLabels: {app: ${name}}}\n  template:\n    metadata: {labels: {app: ${name}, sidecar.istio.io/inject: 'true'}}\n    spec:\n      terminationGracePeriodSeconds: ${grace}\n      containers: [{name: app, image: app}]\n---\napiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec:\n  selector: {app: ${name}}\n  ports: [{name: tcp, port: 7000}]\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec:\n  host: ${name}\n  trafficPolicy: {connectionPool: {tcp: {maxConnectionDuration: 600s}}}\n`;
const rendered = {
  'base/kustomization.yaml': 'resources: [app.yaml]\n',
  'base/app.yaml': workload('ledger', '20'),
  'overlays/prod/kustomization.yaml': 'resources: [../../base]\nnamespace: prod\n',
  'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'charts/web/values.yaml': 'grace: 20\n',
  'charts/web/templates/app.yaml': workload('{{ .Release.Name }}', '{{ .Values.grace }}'),
};

function reportOf({ out }: CliRun): Report {
  return JSON.parse(out) as Report;
}

const checkJson = ['check', '.', '--output', 'json', '--policy', 'drain/grace-covers-ttl'];

describeRendering('meshgate check of what is rendered', () => {
  test('overlays and charts are judged as they come out, at their sources', async () => {
    const run = await runCli(checkJson, { folder: temporaryFolder(rendered) });
    const { findings, errors } = reportOf(run);
    expect(errors).toEqual([]);
    expect(findings.map(({ file }) => file).toSorted()).toEqual([
      'base/app.yaml',
      'charts/web/values.yaml',
    ]);
    expect(run.code).toBe(1);
  });

  test('only the roots below the named folder are judged, whatever they read elsewhere', async () => {
    const folder = temporaryFolder({ ...rendered, '.git/HEAD': '' });
    const run = await runCli(['check', 'overlays', ...checkJson.slice(2)], { folder });
    expect(reportOf(run).findings.map(({ file }) => file)).toEqual(['base/app.yaml']);
  });

  test('a root that cannot be rendered is unreadable input, and the others are judged', async () => {
    const folder = temporaryFolder({
      ...rendered,
      'broken/kustomization.yaml': 'resources: [no]\n',
    });
    const run = await runCli(checkJson, { folder });
    expect(run.code).toBe(2);
    expect(reportOf(run).errors).toEqual([
      expect.objectContaining({ file: 'broken/kustomization.yaml' }),
    ]);
    expect(reportOf(run).findings).toHaveLength(2);
  });

  test('render: of the configuration holds, and an entry that leads nowhere is named', async () => {
    const folder = temporaryFolder({
      ...rendered,
      'meshgate.yaml':
        'apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\nrender: {ignore: [charts/web], roots: [{path: gone}]}\n',
    });
    const run = await runCli(checkJson, { folder });
    expect(run.code).toBe(2);
    expect(reportOf(run).findings.map(({ file }) => file)).toEqual(['base/app.yaml']);
    expect(reportOf(run).errors).toEqual([
      expect.objectContaining({ file: 'gone', text: expect.stringContaining('render.roots') }),
    ]);
  });
});

/** Runs the command from a copy of the sources in which the renderer was never built. */
async function runWithoutRenderer(args: readonly string[], folder: string): Promise<CliRun> {
  const project = fileURLToPath(new URL('../..', import.meta.url));
  const copy = temporaryFolder();
  for (const name of readdirSync(project)) {
    if (name !== 'tools' && name !== 'dist') {
      symlinkSync(join(project, name), join(copy, name));
    }
  }
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main', join(copy, 'cli/main.ts')];
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [...flags, ...args],
      { cwd: folder, env: {}, timeout: 200_000 },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

test('without the renderer, what needs it is named with the remedy, and plain files are judged', async () => {
  const plain = workload('plain', '20').replaceAll(
    'metadata: {name',
    'metadata: {namespace: x, name',
  );
  const folder = temporaryFolder({ ...rendered, 'plain.yaml': plain });
  const run = await runWithoutRenderer(checkJson, folder);
  expect(run.code).toBe(2);
  const { findings, errors } = reportOf(run);
  expect(findings.map(({ file }) => file)).toEqual(['plain.yaml']);
  expect(errors.map(({ file }) => file).toSorted()).toEqual([
    'charts/web/Chart.yaml',
    'overlays/prod/kustomization.yaml',
  ]);
  for (const { text } of errors) {
    expect(text).toContain('run `npm run tools`');
  }
});
