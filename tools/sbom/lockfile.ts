/** A package as `package-lock.json` (version 3) holds it, by the folder that it is installed in. */
export interface LockedPackage {
  readonly version: string;
  /** `sha512-<base64>`, as npm checks it. */
  readonly integrity?: string;
  readonly license?: string;
  /** Needed for development only. */
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The packages of a lockfile; the project itself is under ''. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The name of the package in a folder: `@scope/name` of `node_modules/a/node_modules/@scope/name`. */
export function nameOf(folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** The folders of what a package depends on, as Node.js finds them: the nearest one upwards. */
export function dependenciesOf(packages: LockedPackages, folder: string): readonly string[] {
  const { dependencies = {}, optionalDependencies = {} } = packages[folder] ?? {};
  return Object.keys({ ...dependencies, ...optionalDependencies }).flatMap(
    (name) => findUpwards(packages, folder, name) ?? [],
  );
}

function findUpwards(packages: LockedPackages, folder: string, name: string): string | undefined {
  for (
    let place = folder;
    ;
    place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))
  ) {
    const candidate = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`;
    if (packages[candidate] !== undefined) return candidate;
    if (place === '') return undefined;
  }
}
