import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

const manifest = JSON.parse(read('package.json')) as Readonly<
  Record<'dependencies' | 'devDependencies' | 'allowScripts', Readonly<Record<string, string>>>
>;
const lock = Object.entries((JSON.parse(read('package-lock.json')) as Lock).packages).filter(
  ([path]) => path !== '',
);

test('docs/dependencies.md gives the reason of every runtime dependency, and of no other', () => {
  const rows = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)`/gmu)].map(
    ([, name]) => name,
  );
  expect(rows).toEqual(Object.keys(manifest.dependencies).toSorted());
});

/** A version of semver.org, with or without a pre-release; no range. */
const exactVersion = /^\d+\.\d+\.\d+(?:-[\w.-]+)?$/u;

test('versions are exact', () => {
  const versions = Object.values({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(versions.filter((version) => !exactVersion.test(version))).toEqual([]);
});

test('the lock is complete for every platform', () => {
  const incomplete = lock.filter(([, entry]) => !('version' in entry && 'integrity' in entry));
  expect(incomplete.map(([path]) => path)).toEqual([]);
});

test('the lock names no registry', () => {
  expect(lock.filter(([, entry]) => 'resolved' in entry).map(([path]) => path)).toEqual([]);
});

test('every install script is allowed or denied by name', () => {
  const scripted = lock
    .filter(([, entry]) => entry['hasInstallScript'] === true && entry['optional'] !== true)
    .map(([path]) => path.replace(/^.*node_modules\//u, ''));
  expect(scripted.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
});
