import {
  chmodSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openRenderStore, type RenderStore } from '../../../pipelines/render/render-store.ts';
import { storedRenderer } from '../../../pipelines/render/stored-renderer.ts';
import type { HelmJob, RenderJob, Rendering } from '../../../pipelines/render/wasm-jobs.ts';
import type { Renderer } from '../../../pipelines/render/wasm-renderer.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function open(folder: string, mostBytes?: number): RenderStore {
  const store = openRenderStore(folder, mostBytes);
  if (store === undefined) {
    throw new Error(`${folder} is not taken`);
  }
  return store;
}

test('what one process wrote another one reads, and nobody else', () => {
  const folder = join(temporaryFolder(), 'a', 'cache');
  open(folder).write('one', 'text\nof two lines');
  expect(open(folder).read('one')).toBe('text\nof two lines');
  expect(open(folder).read('two')).toBeUndefined();
});

test('an entry that is cut, changed, empty or a link is as good as none', () => {
  const folder = join(temporaryFolder(), 'cache');
  const store = open(folder);
  for (const name of ['cut', 'changed', 'empty']) {
    store.write(name, 'a text that is long enough');
  }
  const whole = readFileSync(join(folder, 'cut'), 'utf8');
  writeFileSync(join(folder, 'cut'), whole.slice(0, -3));
  writeFileSync(join(folder, 'changed'), whole.replace('long', 'song'));
  writeFileSync(join(folder, 'empty'), '');
  symlinkSync(join(folder, 'changed'), join(folder, 'link'));
  for (const name of ['cut', 'changed', 'empty', 'link']) {
    expect(store.read(name)).toBeUndefined();
  }
  store.write('cut', 'again');
  expect(store.read('cut')).toBe('again');
});

test('a folder that others may write to is not used, nor one that cannot be made', () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  expect(openRenderStore(folder)).toBeUndefined();
  writeFileSync(join(folder, 'file'), '');
  expect(openRenderStore(join(folder, 'file', 'cache'))).toBeUndefined();
  symlinkSync(temporaryFolder(), join(folder, 'link'));
  expect(openRenderStore(join(folder, 'link'))).toBeUndefined();
});

test('what nobody asked for the longest goes when there is too much', () => {
  const folder = join(temporaryFolder(), 'cache');
  const store = open(folder);
  const text = 'x'.repeat(1000);
  for (const [index, name] of ['old', 'asked', 'new'].entries()) {
    store.write(name, text);
    utimesSync(join(folder, name), index, index);
  }
  store.read('old');
  open(folder, 2800).write('last', text);
  expect(readdirSync(folder).toSorted()).toEqual(['last', 'new', 'old']);
});

function counting(result: Rendering): Renderer & { readonly jobs: RenderJob[] } {
  const jobs: RenderJob[] = [];
  return {
    jobs,
    render(job) {
      jobs.push(job);
      return Promise.resolve(result);
    },
    close: () => Promise.resolve(),
  };
}

const made: Rendering = { documents: [{ origin: 'a.yaml', object: { kind: 'Service' } }] };
const job: RenderJob = { kind: 'kustomize', texts: { a: 'b' }, binaries: {}, wrapper: '{}' };
const chart: HelmJob = {
  kind: 'helm',
  path: 'app',
  texts: { 'app/templates/a.yaml': 'password: {{ randAlphaNum 8 }}' },
  binaries: {},
  helm: {
    release: 'a',
    namespace: 'b',
    values: [],
    sets: [],
    kubeVersion: '1.34.0',
    apiVersions: [],
    skipSchema: false,
  },
};

test('a job is rendered once for all processes, another job or build of the renderer anew', async () => {
  const folder = join(temporaryFolder(), 'cache');
  const first = counting(made);
  const second = counting(made);
  expect(await storedRenderer(first, open(folder), '1').render(job)).toEqual(made);
  const later = storedRenderer(second, open(folder), '1');
  expect(await later.render(structuredClone(job))).toEqual(made);
  expect(second.jobs).toHaveLength(0);
  await later.render({ ...job, texts: { a: 'c' } });
  await storedRenderer(second, open(folder), '2').render(job);
  expect(second.jobs).toHaveLength(2);
});

test('what may come out another way, or was ended, is not kept', async () => {
  const store = open(join(temporaryFolder(), 'cache'));
  const random = counting(made);
  const ended = counting({ problem: 'ended', ended: true });
  for (let round = 0; round < 2; round += 1) {
    await storedRenderer(random, store, '1').render(chart);
    await storedRenderer(ended, store, '1').render(job);
  }
  expect([random.jobs.length, ended.jobs.length]).toEqual([2, 2]);
});

test('an entry that is whole but no answer is rendered anew', async () => {
  const renderer = counting(made);
  const store: RenderStore = { read: () => '{', write: () => undefined };
  expect(await storedRenderer(renderer, store, '1').render(job)).toEqual(made);
});
