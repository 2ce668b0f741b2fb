import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readToolEnvironment } from '../../../tools/install/environment.ts';
import { findProgram } from '../programs.ts';
import type { UnpackedImage } from '../image.ts';
import type { Cluster } from './start.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const deadlineMilliseconds = 240_000;

/** What a command gave. */
export interface CommandRun {
  readonly code: number | null;
  readonly output: string;
}

/** Runs command lines as an operator does, in the project's folder. */
export type Shell = (command: string) => Promise<CommandRun>;

/**
 * A shell with `helm`, `kubectl` and `meshgate` for a cluster. `values` are added where something is installed: what the
 * test's machine needs, and a document for users cannot know.
 */
export function createShell(cluster: Cluster, image: UnpackedImage, values: string): Shell {
  const folder = join(cluster.processes.folder, 'shell');
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const file = join(folder, 'values.yaml');
  writeFileSync(file, values);
  const program = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const meshgate = image
    .command([])
    .map((word) => `"${word}"`)
    .join(' ');
  const withValues = (command: string): string =>
    `case "$1" in install) exec ${command} "$@" --values "${file}";; *) exec ${command} "$@";; esac`;
  program('helm', withValues(`"${findProgram('helm') ?? 'helm'}"`));
  program('meshgate', withValues(meshgate));
  program('kubectl', `exec "${findProgram('kubectl') ?? 'kubectl'}" "$@"`);
  const { variables } = readToolEnvironment();
  const env = {
    ...variables,
    PATH: `${bin}:${variables['PATH'] ?? ''}`,
    HOME: folder,
    KUBECONFIG: cluster.kubeconfigPath,
  };
  return (command) =>
    new Promise((resolve, reject) => {
      const child = spawn('sh', ['-c', `set -e\n${command}`], {
        cwd: root,
        env,
        timeout: deadlineMilliseconds,
        killSignal: 'SIGKILL',
      });
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
      child.once('error', reject).once('close', (code) => resolve({ code, output }));
    });
}
