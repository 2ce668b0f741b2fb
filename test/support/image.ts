import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeInImage = '/nodejs/bin/node';

/** What the Dockerfile says of the image. */
export interface ImageRecipe {
  readonly workingFolder: string;
  readonly copies: readonly { readonly sources: readonly string[]; readonly target: string }[];
  readonly entrypoint: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly user: string;
  readonly labels: readonly string[];
}

/** Reads the Dockerfile. Throws where it holds an instruction that this would have to run. */
export function readDockerfile(): ImageRecipe {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll(/\\\n/gu, ' ');
  const lines = text.split('\n').filter((line) => /^[A-Z]/u.test(line));
  const instructions = lines.map((line) => {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/u.exec(line) ?? [];
    return { name, rest: rest.trim() };
  });
  const of = (wanted: string): readonly string[] =>
    instructions.filter(({ name }) => name === wanted).map(({ rest }) => rest);
  const known = 'FROM ARG LABEL WORKDIR COPY ENV USER EXPOSE STOPSIGNAL ENTRYPOINT CMD'.split(' ');
  const unknown = instructions.filter(({ name }) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`not understood: ${JSON.stringify(unknown)}`);
  return {
    workingFolder: of('WORKDIR')[0] ?? '/',
    copies: of('COPY').map((rest) => {
      const words = rest.split(/\s+/u);
      return { sources: words.slice(0, -1), target: words.at(-1) ?? '.' };
    }),
    entrypoint: JSON.parse(of('ENTRYPOINT')[0] ?? '[]') as readonly string[],
    variables: Object.fromEntries(of('ENV').map((rest) => rest.split('=') as [string, string])),
    user: of('USER').at(-1) ?? '',
    labels: [...(of('LABEL')[0] ?? '').matchAll(/([\w.]+)=/gu)].map(([, name = '']) => name),
  };
}

/** An image's files in a folder, and how its entry point is run there. */
export interface UnpackedImage {
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  command(args: readonly string[]): readonly [program: string, ...args: string[]];
}

/** Builds the bundle, and copies into a folder what the image holds and nothing else. */
export function unpackImage(folder: string): UnpackedImage {
  execFileSync(process.execPath, [join(root, 'tools/build/main.ts')], { cwd: root });
  const { copies, entrypoint, variables, workingFolder } = readDockerfile();
  for (const { sources, target } of copies) {
    for (const source of sources) {
      const whole = sources.length === 1 && !target.endsWith('/');
      const place = join(folder, target, whole ? '' : basename(source));
      mkdirSync(dirname(place), { recursive: true });
      cpSync(join(root, source), place, { recursive: true });
    }
  }
  const [program, ...rest] = entrypoint.map((word) =>
    word.startsWith(`${workingFolder}/`) ? join(folder, word.slice(workingFolder.length)) : word,
  );
  if (program !== nodeInImage) throw new Error(`the entry point is not ${nodeInImage}`);
  return { folder, variables, command: (args) => [process.execPath, ...rest, ...args] };
}
