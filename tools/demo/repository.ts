import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readManifests } from '../../pipelines/render/manifests.ts';
import type { Resource } from '../../policies/core/resource.ts';
import { git } from './programs.ts';

/** A manifest of `examples/admission`, with the sentence that it opens with. */
export interface DemoManifest {
  readonly file: string;
  readonly about: string;
  readonly resource: Resource;
}

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

/** The GitOps repository that the demonstration is about. */
export const exampleRepository = join(examples, 'repository');

/** The name of the branch that holds the prepared change. */
export const changeBranch = 'recommendations';

/** Copies the example into a git repository of its own: `main`, and the prepared change on a branch. */
export function createRepository(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-demo-'));
  cpSync(exampleRepository, folder, { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=The shop as it runs');
  git(folder, 'checkout', '--quiet', '-b', changeBranch);
  git(folder, 'apply', '--index', join(examples, 'changes', `${changeBranch}.patch`));
  git(folder, 'commit', '--quiet', '--message=Recommend books');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The configuration of the example. */
export function exampleConfig(): string {
  return readFileSync(join(exampleRepository, 'meshgate.yaml'), 'utf8');
}

/** Every object of the example, namespaces first as a GitOps tool applies them. */
export function exampleObjects(): readonly Resource[] {
  const files = readdirSync(exampleRepository, { recursive: true, encoding: 'utf8' });
  const resources = files
    .filter((file) => file.endsWith('.yaml') && file !== 'meshgate.yaml')
    .sort()
    .flatMap((file) => readResources(join(exampleRepository, file)));
  const isNamespace = ({ type }: Resource): boolean => type === 'Namespace';
  return [...resources.filter(isNamespace), ...resources.filter((one) => !isNamespace(one))];
}

/** The manifests to apply, in the order of their files. */
export function demoManifests(): readonly DemoManifest[] {
  const folder = join(examples, 'admission');
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const path = join(folder, file);
      const [first = ''] = readFileSync(path, 'utf8').split('\n', 1);
      const about = first.replace(/^# /u, '');
      return readResources(path).map((resource) => ({ file, about, resource }));
    });
}

function readResources(path: string): readonly Resource[] {
  const { resources, errors } = readManifests(path, readFileSync(path, 'utf8'));
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}:${error.line}: ${error.text}`);
  return resources.map(({ resource }) => resource);
}
