import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { makeBom } from '../../tools/sbom/bom.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Bom {
  readonly components: readonly { readonly purl: string; readonly hashes?: unknown }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** A published schema, as the library of CycloneDX ships it. */
function schema(name: string): object {
  const folder = join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
  return JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
}

test('the bill of materials is what the published schema of CycloneDX 1.6 asks for', async () => {
  const ajv = new Ajv({ strict: false, validateFormats: false, logger: false });
  for (const name of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(schema('bom-1.6'));
  const valid = validate(JSON.parse(await makeBom(root)));

  expect(validate.errors ?? []).toEqual([]);
  expect(valid).toBe(true);
});

test('it names every package that the project depends on, each with its digest', async () => {
  const bom = JSON.parse(await makeBom(root)) as Bom;
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const purls = bom.components.map(({ purl }) => purl);
  const npm = bom.components.filter(({ purl }) => purl.startsWith('pkg:npm/'));

  expect(purls).toEqual(
    expect.arrayContaining(
      Object.entries(manifest.dependencies).map(
        ([name, version]) => `pkg:npm/${name.replace('@', '%40')}@${version}`,
      ),
    ),
  );
  expect(purls).toContainEqual(expect.stringMatching(/^pkg:golang\/helm\.sh\/helm\/v3@v3/u));
  expect(purls).not.toContainEqual(expect.stringMatching(/^pkg:npm\/jest@/u));
  expect(npm.filter(({ hashes }) => hashes === undefined)).toEqual([]);
});

test('every dependency that it names is a component, and the same lockfile gives the same text', async () => {
  const text = await makeBom(root);
  const { components, dependencies } = JSON.parse(text) as Bom;
  const known = new Set(components.map(({ purl }) => purl));

  expect(
    dependencies.flatMap(({ dependsOn }) => dependsOn).filter((ref) => !known.has(ref)),
  ).toEqual([]);
  expect(await makeBom(root)).toBe(text);
});
