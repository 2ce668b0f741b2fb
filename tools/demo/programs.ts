import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const command = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const author = ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.com'];

/** Runs `meshgate` in a folder, from source. */
export function meshgate(folder: string, ...args: readonly string[]): Ended {
  return meshgateWith('', folder, ...args);
}

/** Runs `meshgate` in a folder, from source, with a text on its standard input. */
export function meshgateWith(input: string, folder: string, ...args: readonly string[]): Ended {
  return run(process.execPath, [command, ...args], folder, input);
}

/** Runs git in a folder and gives what it wrote. Throws where it fails. */
export function git(folder: string, ...args: readonly string[]): string {
  const { code, output } = run('git', [...author, '-c', 'commit.gpgsign=false', ...args], folder);
  if (code !== 0) throw new Error(`git ${args.join(' ')} failed: ${output}`);
  return output;
}

function run(program: string, args: readonly string[], folder: string, input = ''): Ended {
  const ended = spawnSync(program, args, { cwd: folder, encoding: 'utf8', input });
  if (ended.error !== undefined) {
    throw new Error(`${program} cannot be run: ${ended.error.message}`);
  }
  return { code: ended.status, output: `${ended.stdout}${ended.stderr}` };
}
