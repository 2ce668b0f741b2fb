import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSources, type Sources } from '../../../pipelines/source/read-sources.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n';

async function read(
  folder: string,
  paths: readonly string[] = [''],
  more: {
    readonly ignore?: readonly string[];
    readonly except?: readonly string[];
    readonly input?: Buffer;
  } = {},
): Promise<Sources> {
  const sources = await readSources({
    paths: paths.map((path) => (path === '-' ? path : join(folder, path))),
    ignore: more.ignore ?? [],
    except: more.except ?? [],
    readInput: () => Promise.resolve(more.input ?? Buffer.from('')),
  });
  function short<T extends { readonly file: string }>(item: T): T {
    return { ...item, file: item.file.replace(`${folder}/`, '') };
  }
  return {
    texts: sources.texts.map(short),
    errors: sources.errors.map(short),
    notes: sources.notes.map((note) => note.replace(`${folder}/`, '')),
  };
}

function files(sources: Sources): readonly string[] {
  return sources.texts.map(({ file }) => file);
}

describe('what is found', () => {
  test('manifests in folders, in a stable order, and nothing else', async () => {
    const folder = temporaryFolder({
      'b.yml': pod,
      'a.yaml': pod,
      'c/d/e.JSON': '{"apiVersion": "v1", "kind": "Pod"}',
      'readme.md': pod,
      'values.yaml': 'replicas: [broken',
      'node_modules/x/y.yaml': pod,
      '.git/y.yaml': pod,
      '.github/workflows/ci.yaml': pod,
    });
    const sources = await read(folder);
    expect(files(sources)).toEqual(['a.yaml', 'b.yml', 'c/d/e.JSON']);
    expect(sources.errors).toEqual([]);
  });

  test('a named file is read whatever its name, and twice named only once', async () => {
    const folder = temporaryFolder({ 'x.txt': pod, 'a.yaml': pod, 'broken.yaml': 'a: [' });
    expect(files(await read(folder, ['x.txt', '', 'a.yaml', './a.yaml', 'broken.yaml']))).toEqual([
      'x.txt',
      'a.yaml',
      'broken.yaml',
    ]);
  });

  test('globs and exceptions are left out', async () => {
    const folder = temporaryFolder({
      'a/x.yaml': pod,
      'b/x.yaml': pod,
      'c.yaml': pod,
      'd.yaml': pod,
    });
    const sources = await read(folder, [''], {
      ignore: ['**/a/**'],
      except: [join(folder, 'c.yaml')],
    });
    expect(files(sources)).toEqual(['b/x.yaml', 'd.yaml']);
  });

  test('the templates of a chart are left out, with a note where one is named; its CRDs are read', async () => {
    const folder = temporaryFolder({
      'chart/Chart.yaml': 'apiVersion: v2\nname: x\n',
      'chart/templates/a.yaml': 'apiVersion: v1\nkind: Pod\nname: {{ x }}\n',
      'chart/crds/b.yaml': pod,
      'templates/c.yaml': pod,
    });
    for (const paths of [[''], ['chart/templates/a.yaml', 'chart/crds', 'templates']]) {
      const sources = await read(folder, paths);
      expect(files(sources)).toEqual(
        expect.arrayContaining(['chart/crds/b.yaml', 'templates/c.yaml']),
      );
      expect(sources.texts.map(({ text }) => text)).not.toContainEqual(
        expect.stringContaining('{{'),
      );
      expect(sources.notes).toEqual(
        paths.length === 1 ? [] : [expect.stringContaining('a Helm template is left out')],
      );
    }
  });

  test('patches of a kustomization are left out', async () => {
    const folder = temporaryFolder({
      'o/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: p.yaml}, {patch: "x"}]\npatchesStrategicMerge: [q/r.yaml]\n',
      'o/p.yaml': pod,
      'o/q/r.yaml': pod,
      'o/s.yaml': pod,
    });
    const sources = await read(folder);
    expect(files(sources)).toEqual(['o/s.yaml']);
  });

  test('the standard input', async () => {
    const sources = await read(temporaryFolder(), ['-'], { input: Buffer.from(pod) });
    expect(sources.texts).toEqual([{ file: '<stdin>', text: pod, writable: false }]);
  });

  test('a byte order mark is no part of the text', async () => {
    const folder = temporaryFolder({ 'a.yaml': `\uFEFF${pod}` });
    expect((await read(folder)).texts[0]?.text).toBe(pod);
  });
});

describe('what cannot be read is an error for that file, and the rest is read', () => {
  test.each<readonly [string, string | Buffer, RegExp]>([
    ['binary', Buffer.from('apiVersion: v1\0\u0001'), /NUL/u],
    ['not UTF-8', Buffer.from([0x61, 0x3a, 0xff, 0xfe]), /not UTF-8/u],
    ['UTF-16', Buffer.from(`\uFEFF${pod}`, 'utf16le'), /UTF-16/u],
  ])('%s', async (_, content, wanted) => {
    const folder = temporaryFolder({ 'bad.yaml': content, 'good.yaml': pod });
    const sources = await read(folder);
    expect(files(sources)).toEqual(['good.yaml']);
    expect(sources.errors).toEqual([
      { file: 'bad.yaml', line: 1, text: expect.stringMatching(wanted) },
    ]);
  });

  test('a file of 100 MB is not opened', async () => {
    const folder = temporaryFolder({ 'large.yaml': pod, 'good.yaml': pod });
    truncateSync(join(folder, 'large.yaml'), 100_000_000);
    const sources = await read(folder);
    expect(files(sources)).toEqual(['good.yaml']);
    expect(sources.errors[0]?.text).toContain('32 MiB');
  });

  test('a missing path', async () => {
    const folder = temporaryFolder({ 'a.yaml': pod });
    const sources = await read(folder, ['absent', 'a.yaml']);
    expect(files(sources)).toEqual(['a.yaml']);
    expect(sources.errors).toEqual([{ file: 'absent', line: 1, text: 'no such file or folder' }]);
  });

  test('a folder, a pipe and links that are named like manifests', async () => {
    const folder = temporaryFolder({ 'good.yaml': pod });
    mkdirSync(join(folder, 'folder.yaml'));
    writeFileSync(join(folder, 'folder.yaml', 'inner.yaml'), pod);
    execFileSync('sh', ['-c', 'mkfifo pipe.yaml'], { cwd: folder });
    symlinkSync('absent', join(folder, 'dangling.yaml'));
    symlinkSync('loop.yaml', join(folder, 'loop.yaml'));
    symlinkSync('.', join(folder, 'self.yaml'));
    symlinkSync('good.yaml', join(folder, 'link.yaml'));
    const sources = await read(folder);
    expect(sources.texts.map(({ file, writable }) => [file, writable])).toEqual([
      ['folder.yaml/inner.yaml', true],
      ['good.yaml', true],
      ['link.yaml', false],
    ]);
    expect(sources.errors.map(({ file, text }) => `${file}: ${text}`)).toEqual([
      'dangling.yaml: no such file or folder',
      'loop.yaml: a loop of symbolic links',
      expect.stringContaining('pipe.yaml: neither a file nor a folder'),
    ]);
    expect(sources.notes).toEqual(['self.yaml: a link to a folder is not followed']);
  });

  test('a file that goes away meanwhile', async () => {
    const folder = temporaryFolder({ 'a.yaml': pod });
    symlinkSync('a.yaml', join(folder, 'b.yaml'));
    rmSync(join(folder, 'a.yaml'));
    expect((await read(folder)).errors).toHaveLength(1);
  });
});
