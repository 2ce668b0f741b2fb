import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chartObjects, objectOf } from '../support/chart.ts';
import { readDockerfile, unpackImage, type UnpackedImage } from '../support/image.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function readProjectFile(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

describe('the image', () => {
  let folder: string;
  let image: UnpackedImage;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'meshgate-image-'));
    image = unpackImage(folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(...args: readonly string[]): string {
    const [program, ...rest] = image.command(args);
    return execFileSync(program, rest, { cwd: folder, env: image.variables, encoding: 'utf8' });
  }

  test('holds the bundle, the chart and the licences, and no package to install', () => {
    expect(readdirSync(folder).toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'bin',
      'deploy',
      'dist',
      'package.json',
    ]);
    expect(readdirSync(join(folder, 'dist')).toSorted()).toEqual([
      'THIRD-PARTY-LICENSES.txt',
      'chunks',
      'meshgate.mjs',
      'render-worker.mjs',
      'render.wasm',
      'sbom.cdx.json',
    ]);
  });

  test('its entry point runs', () => {
    expect(run('--version').trim()).toBe(
      (JSON.parse(readProjectFile('package.json')) as { version: string }).version,
    );
    expect(run('install', '--output', 'json')).toContain('"kind": "Deployment"');
  });

  test('it is started as the number that the Deployment names', async () => {
    const deployment = objectOf(await chartObjects(), 'Deployment');
    const user = readDockerfile().user;

    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/u);
    expect(deployment).toHaveProperty(
      'spec.template.spec.securityContext.runAsUser',
      Number(user.split(':')[0]),
    );
    expect(deployment).not.toHaveProperty('spec.template.spec.containers.0.command');
  });

  test('all that it copies is let into the build, and the functions are not', () => {
    const allowed = readProjectFile('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const sources = readDockerfile().copies.flatMap((copy) => copy.sources);

    expect(sources.filter((source) => !allowed.includes(source.split('/')[0] ?? ''))).toEqual([]);
    expect(readProjectFile('.dockerignore')).toMatch(/^dist\/functions$/mu);
  });

  test('it says what it is', () => {
    expect(readDockerfile().labels).toEqual(
      ['title', 'description', 'licenses', 'version', 'revision'].map(
        (name) => `org.opencontainers.image.${name}`,
      ),
    );
    expect(readProjectFile('Dockerfile')).toContain(
      `image.version="${(JSON.parse(readProjectFile('package.json')) as { version: string }).version}"`,
    );
  });
});
