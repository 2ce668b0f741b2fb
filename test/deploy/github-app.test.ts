import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

interface AppManifest {
  readonly hook_attributes: { readonly url: string };
  readonly default_permissions: Readonly<Record<string, string>>;
  readonly default_events: readonly string[];
}

function readProjectFile(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
}

const manifest = JSON.parse(readProjectFile('deploy/github/app-manifest.json')) as AppManifest;

test('the App subscribes to exactly the events that the receiver takes', () => {
  const taken = [
    ...readProjectFile('webhooks/github/events.ts').matchAll(/^ {4}case '(\w+)':$/gmu),
  ].map(([, event]) => event);

  expect(manifest.default_events.toSorted()).toEqual(taken.map(String).toSorted());
  expect(manifest.hook_attributes.url).toMatch(/^https:.*\/github$/u);
});

test('its page gives a reason for every permission, and none may write contents', () => {
  const explained = [
    ...readProjectFile('docs/github-app.md').matchAll(/^ +\| ([a-z ]+): (read|write) +\|/gmu),
  ].map(([, name = '', access = '']) => [name.replaceAll(' ', '_'), access]);

  expect(Object.fromEntries(explained)).toEqual(manifest.default_permissions);
  expect(manifest.default_permissions['contents']).toBe('read');
});

test('the page that registers it loads nothing from elsewhere', () => {
  const page = readProjectFile('deploy/github/register.html');

  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(?:src|href)=/u);
});
