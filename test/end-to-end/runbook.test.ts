import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startInstallationPlace } from '../support/cluster/installation.ts';
import type { InstallationPlace } from '../support/cluster/installation.ts';
import type { CommandRun } from '../support/cluster/shell.ts';
import { waitFor } from '../support/cluster/wait.ts';
import { describeWithClusterAnd } from '../support/describe.ts';
import { commandBlocks, type CommandBlock } from '../support/fences.ts';
import { missingPrograms } from '../support/programs.ts';

const deadlineMilliseconds = 240_000;
const settleMilliseconds = 90_000;

function blocksOf(page: string): readonly CommandBlock[] {
  const url = new URL(`../../docs/${page}`, import.meta.url);
  return commandBlocks(readFileSync(fileURLToPath(url), 'utf8'));
}

const installing = blocksOf('install.md');
const running = blocksOf('runbook.md');

/** An operator's life: install, whatever happens, uninstall, and once more without Helm. */
const life: readonly CommandBlock[] = [
  ...installing.filter(({ chapter }) => chapter !== 'Without Helm'),
  ...running.filter(({ chapter }) => chapter !== 'Uninstall'),
  ...running.filter(({ chapter }) => chapter === 'Uninstall'),
  ...installing.filter(({ chapter }) => chapter === 'Without Helm'),
];

describeWithClusterAnd(missingPrograms('helm', 'kubectl'), 'the commands of the pages', () => {
  let place: InstallationPlace;

  beforeAll(async () => {
    place = await startInstallationPlace({});
  }, deadlineMilliseconds);
  afterAll(async () => {
    await place?.stop();
  }, deadlineMilliseconds);

  /** What the doctor sees right after a change takes a moment to be well; every other command works at once. */
  async function run(command: string): Promise<CommandRun> {
    if (!command.startsWith('meshgate doctor')) return place.shell(command);
    let last: CommandRun = { code: null, output: '' };
    return waitFor('the doctor being content', settleMilliseconds, async () => {
      last = await place.shell(command);
      return last.code === 0 ? last : undefined;
    }).catch(() => last);
  }

  test.each(life.map((block) => [`${block.chapter} / ${block.section}`, block] as const))(
    '%s',
    async (_, { commands }) => {
      for (const command of commands) {
        const { code, output } = await run(command);
        expect(`${code} of ${command}:\n${code === 0 ? '' : output}`).toBe(`0 of ${command}:\n`);
      }
    },
    deadlineMilliseconds,
  );
});
