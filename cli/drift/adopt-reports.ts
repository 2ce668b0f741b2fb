import { createTwoFilesPatch } from 'diff';
import { adoptDrift, type AdoptionNote, type AdoptionResult } from '../../pipelines/drift-adopt.ts';
import { proposeEdits, type EditedPath } from '../../pipelines/drift-pull-request.ts';
import { pathOf } from '../../pipelines/drift/readable-path.ts';
import { adoptionBody, adoptionTitle } from '../../pipelines/present/drift-adoption.ts';
import { plainLine, plainText } from '../../pipelines/present/escape.ts';
import { boundaryOf, pathInTree, readFolderTree } from '../../pipelines/source/folder-tree.ts';
import type { GitHubRepository } from '../../pipelines/source/github-pull.ts';
import { replaceFile } from '../../pipelines/source/write-file.ts';
import { describeReference } from '../../policies/core/resource.ts';
import { readEnvironment } from '../environment.ts';
import { openGitHub } from '../open-github.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import type { DriftActions } from './actions.ts';
import type { FoundDrift } from './found-drift.ts';

/** Brings the live values of one cluster into the source files, or shows or proposes that; tells what stays as it is. */
export async function adoptReports(
  { reports, sources, paths }: FoundDrift,
  { diff, pullRequest }: DriftActions,
  terminal: Terminal,
): Promise<void> {
  const [report, ...others] = reports;
  if (report === undefined || others.length > 0) {
    throw new UsageError('--adopt takes the values of one cluster: name one context');
  }
  const result = await adoptDrift(report, sources, isBelow(paths));
  if (diff === true) {
    showDiff(result, terminal);
  } else if (pullRequest === undefined) {
    writeFiles(result, terminal);
  } else {
    await propose(report.cluster, result, pullRequest, terminal);
  }
  tellNotes(result.notes, terminal);
}

/** What lies outside of the compared paths may serve other clusters, so it is not touched. */
function isBelow(paths: readonly string[]): (file: string) => boolean {
  const trees = paths
    .filter((path) => path !== '-')
    .map((path) => ({ path, tree: readFolderTree(boundaryOf(path)) }));
  return (file) =>
    trees.some(({ path, tree }) => {
      const [top, inside] = [pathInTree(tree, path), pathInTree(tree, file)];
      return (
        inside !== undefined &&
        (top === '.' || inside === top || inside.startsWith(`${top ?? ''}/`))
      );
    });
}

function showDiff({ files }: AdoptionResult, terminal: Terminal): void {
  for (const { file, before, after } of files) {
    const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after);
    const body = patch.replace(/^=+\n/u, '');
    terminal.out(terminal.outIsTerminal ? plainText(body) : body);
  }
}

function writeFiles({ files }: AdoptionResult, terminal: Terminal): void {
  for (const { file, before, after } of files) {
    const failure = replaceFile(file, before, after);
    const outcome = failure === undefined ? 'written' : `not written: ${failure.problem}`;
    terminal.err(`${plainLine(file)}: ${outcome}\n`);
  }
}

async function propose(
  cluster: string,
  { files, notes }: AdoptionResult,
  repository: GitHubRepository,
  terminal: Terminal,
): Promise<void> {
  const [first] = files;
  if (first === undefined) {
    terminal.err('meshgate: nothing to propose\n');
    return;
  }
  const { gitHub } = readEnvironment();
  const tree = readFolderTree(boundaryOf(first.file));
  const edits = files.map((edit): EditedPath => ({
    ...edit,
    file: pathInTree(tree, edit.file) ?? '',
  }));
  const outcome = await proposeEdits({
    github: openGitHub(gitHub, terminal, 'write contents and pull requests of the repository'),
    repository,
    topic: `adopt-${cluster}`,
    title: adoptionTitle(cluster),
    body: adoptionBody(cluster, notes),
    files: edits,
  });
  if ('problem' in outcome) {
    throw new UsageError(outcome.problem);
  }
  const words = {
    opened: 'opened',
    'open-before': 'is open already',
    'closed-before': 'was closed by somebody, and is not opened again',
  };
  terminal.out(`pull request #${String(outcome.pull)} ${words[outcome.state]}\n`);
}

function tellNotes(notes: readonly AdoptionNote[], terminal: Terminal): void {
  for (const { drift, field, problem } of notes) {
    const object = describeReference(drift.reference);
    const what = field === undefined ? object : `${object} ${pathOf(drift, field)}`;
    const outcome = problem === undefined ? 'adopted' : 'not adopted';
    terminal.err(
      `${outcome}: ${plainLine(what)}${problem === undefined ? '' : `: ${plainLine(problem)}`}\n`,
    );
  }
}
