import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dependenciesOf, nameOf, type LockedPackage, type LockedPackages } from './lockfile.ts';

/** A component of a CycloneDX 1.6 document, as far as we fill it in. */
interface Component {
  readonly type: 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses?: readonly (
    { readonly license: { readonly id: string } } | { readonly expression: string }
  )[];
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/**
 * What ships, as CycloneDX 1.6: the packages of the lockfile that are not for development, and the Go modules of the
 * renderer. The same lockfile gives the same bytes.
 */
export async function makeBom(root: string): Promise<string> {
  const lockfile = await readFile(join(root, 'package-lock.json'), 'utf8');
  const goMod = await readFile(join(root, 'tools/render/go.mod'), 'utf8');
  const { packages } = JSON.parse(lockfile) as { readonly packages: LockedPackages };
  const npm = npmComponents(packages);
  const go = goComponents(goMod);
  const { version = '0.0.0', license = '' } = packages[''] ?? {};
  const self = npmUrl('meshgate', version);
  const direct = dependenciesOf(packages, '').map((folder) => refOf(packages, folder));
  return `${JSON.stringify(
    {
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      serialNumber: serialNumber(lockfile + goMod),
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': self,
          name: 'meshgate',
          version,
          purl: self,
          licenses: licensesOf(license),
        },
      },
      components: [...npm.components, ...go],
      dependencies: [
        { ref: self, dependsOn: sorted([...direct, ...go.map(({ purl }) => purl)]) },
        ...npm.dependencies,
        ...go.map(({ purl }) => ({ ref: purl, dependsOn: [] })),
      ],
    },
    null,
    2,
  )}\n`;
}

function npmComponents(packages: LockedPackages): {
  readonly components: readonly Component[];
  readonly dependencies: readonly Dependency[];
} {
  const components = new Map<string, Component>();
  const dependencies = new Map<string, Dependency>();
  for (const [folder, locked] of Object.entries(packages)) {
    if (folder === '' || locked.dev === true) continue;
    const name = nameOf(folder);
    const ref = npmUrl(name, locked.version);
    components.set(ref, npmComponent(name, ref, locked));
    const before = dependencies.get(ref)?.dependsOn ?? [];
    const found = dependenciesOf(packages, folder).map((one) => refOf(packages, one));
    dependencies.set(ref, { ref, dependsOn: sorted([...before, ...found]) });
  }
  return { components: byRef(components), dependencies: byRef(dependencies) };
}

function npmComponent(name: string, ref: string, locked: LockedPackage): Component {
  const { version, integrity = '', license = '' } = locked;
  const [, digest] = /^sha512-(\S+)/u.exec(integrity) ?? [];
  const content = digest === undefined ? '' : Buffer.from(digest, 'base64').toString('hex');
  return {
    type: 'library',
    'bom-ref': ref,
    name,
    version,
    purl: ref,
    ...(content === '' ? {} : { hashes: [{ alg: 'SHA-512', content }] }),
    ...(license === '' ? {} : { licenses: licensesOf(license) }),
  };
}

function goComponents(goMod: string): readonly Component[] {
  return [...goMod.matchAll(/^\s+(\S+) (v\S+)/gmu)].map(([, name = '', version = '']) => {
    const purl = `pkg:golang/${name}@${version.replaceAll('+', '%2B')}`;
    return { type: 'library', 'bom-ref': purl, name, version, purl };
  });
}

function licensesOf(license: string): NonNullable<Component['licenses']> {
  return /^[\w.+-]+$/u.test(license) ? [{ license: { id: license } }] : [{ expression: license }];
}

function refOf(packages: LockedPackages, folder: string): string {
  return npmUrl(nameOf(folder), packages[folder]?.version ?? '');
}

function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** A UUID that the inputs determine (RFC 9562, version 8). */
function serialNumber(inputs: string): string {
  const hex = createHash('sha256').update(inputs).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`;
}

function byRef<T>(found: ReadonlyMap<string, T>): readonly T[] {
  return sorted([...found.keys()]).flatMap((ref) => found.get(ref) ?? []);
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
