import { createHash } from 'node:crypto';
import { blobId } from './source/github-archive.ts';
import {
  createBranch,
  createCommit,
  createPull,
  listPullsFrom,
  readBranch,
  readDefaultBranch,
  type Branch,
  type CommittedFile,
} from './source/github-branch.ts';
import { describeGitHubError, isRefusal, isUncertain } from './source/github-errors.ts';
import type { GitHubRepository } from './source/github-pull.ts';
import { gitHubStore } from './source/github-store.ts';
import type { GitHub } from './source/github.ts';

/** A file with other text in it, by its path in the repository. */
export interface EditedPath {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** Edits to be proposed. */
export interface Proposal {
  readonly github: GitHub;
  readonly repository: GitHubRepository;
  /** Begins the name of the branch; a hash of the edits ends it. */
  readonly topic: string;
  readonly title: string;
  readonly body: string;
  readonly files: readonly EditedPath[];
}

/** What became of a proposal. */
export type ProposalOutcome =
  | { readonly state: 'opened' | 'open-before' | 'closed-before'; readonly pull: number }
  | { readonly problem: string };

const mostAttempts = 4;

/**
 * Proposes edits as one commit on a branch of its own and a pull request to the default branch. The same edits have the
 * same branch: proposing them again finds what is there, and what somebody closed is not opened again. A file that is
 * not as it was read is not overwritten.
 */
export async function proposeEdits(proposal: Proposal): Promise<ProposalOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await proposeOnce(proposal);
    } catch (error) {
      if (isRefusal(error, proposal.github.clock.now())) {
        return { problem: `The pull request could not be opened: ${describeGitHubError(error)}` };
      }
      if (!isUncertain(error) || attempt >= mostAttempts) {
        throw error;
      }
      await proposal.github.clock.sleep(1000 * attempt ** 2);
    }
  }
}

async function proposeOnce(proposal: Proposal): Promise<ProposalOutcome> {
  const { github, repository, title, body } = proposal;
  const name = branchOf(proposal);
  const standing = await listPullsFrom(github, repository, name);
  const open = standing.find((pull) => pull.open);
  if (open !== undefined) {
    return { state: 'open-before', pull: open.number };
  }
  const [closed] = standing;
  if (closed !== undefined) {
    return { state: 'closed-before', pull: closed.number };
  }
  const base = await readDefaultBranch(github, repository);
  if ((await readBranch(github, repository, name)) === undefined) {
    const files = await filesFor(proposal, base);
    if ('problem' in files) {
      return files;
    }
    const commit = await createCommit(github, repository, base, {
      message: `${title}\n`,
      files: files.files,
    });
    await createBranch(github, repository, { name, commit });
  }
  const pull = await createPull(github, repository, { head: name, base: base.name, title, body });
  return { state: 'opened', pull };
}

function branchOf({ topic, files }: Proposal): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(files.map(({ file, before, after }) => [file, before, after])))
    .digest('hex');
  const plain = topic.toLowerCase().replaceAll(/[^a-z\d-]+/gu, '-');
  return `meshgate/${plain.slice(0, 60)}-${hash.slice(0, 10)}`;
}

/** The files as git takes them, where each is in the branch what it was when it was edited. */
async function filesFor(
  { github, repository, files }: Proposal,
  base: Branch,
): Promise<{ readonly files: readonly CommittedFile[] } | { readonly problem: string }> {
  const tree = await gitHubStore(github, repository).listTree(base.commit);
  if ('problem' in tree) {
    return tree;
  }
  const standing = new Map(tree.entries.map((entry) => [entry.path, entry]));
  const committed: CommittedFile[] = [];
  for (const { file, before, after } of files) {
    const entry = standing.get(file);
    if (entry?.type !== 'file' || entry.id !== blobId(Buffer.from(before))) {
      return {
        problem: `${file} is not on ${base.name} as it was read: bring the checkout up to date and run it again`,
      };
    }
    committed.push({ path: file, text: after });
  }
  return { files: committed };
}
