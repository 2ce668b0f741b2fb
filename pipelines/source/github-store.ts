import { compareText } from '../../policies/core/resource.ts';
import type { CommitStore } from './commit-store.ts';
import { blobId, readArchive } from './github-archive.ts';
import type { GitHubRepository } from './github-pull.ts';
import type { GitHub } from './github.ts';
import type { TreeEntry } from './git-tree.ts';

/** Up to this many contents are asked for one by one; more are taken from the commits' archives first. */
const mostSingleBlobs = 40;
/** What archives leave out (`export-ignore`) or change (`export-subst`) is asked for one by one up to this many. */
const mostMissingBlobs = 1000;
const parallelRequests = 8;
/** Contents held at a time: what two states of a large repository of manifests take. */
const mostHeldBytes = 512 * 1024 * 1024;
const deepestTree = 40;

/**
 * The commits of a repository on GitHub, read without git. A commit's tree says what is where; contents come from
 * archives and are known by their hash, so what the archive leaves out cannot hide a file.
 */
export function gitHubStore(github: GitHub, repository: GitHubRepository): CommitStore {
  const lengths = new Map<string, number>();
  const commits: string[] = [];
  const held = new Map<string, Buffer>();
  return {
    async listTree(commit) {
      const entries = await listEntries(github, repository, commit, '', 0);
      commits.push(commit);
      for (const { id, bytes } of entries) {
        lengths.set(id, bytes);
      }
      return { entries: entries.toSorted((left, right) => compareText(left.path, right.path)) };
    },
    async readBlobs(ids, visit) {
      const missing = boundedIds(ids, lengths).filter((id) => !held.has(id));
      await fetchBlobs(github, repository, { ids: missing, lengths, commits, held });
      for (const id of ids) {
        visit(id, held.get(id));
      }
    },
  };
}

async function listEntries(
  github: GitHub,
  repository: GitHubRepository,
  tree: string,
  folder: string,
  depth: number,
): Promise<readonly TreeEntry[]> {
  const whole = await readTree(github, repository, tree, true);
  if (!whole.truncated || depth > deepestTree) {
    return toEntries(whole.tree, folder);
  }
  // Too large for one answer: folder by folder.
  const { tree: items } = await readTree(github, repository, tree, false);
  const entries = [...toEntries(items, folder)];
  for (const { type, path, sha } of items) {
    if (type === 'tree') {
      const below = `${folder}${path}/`;
      entries.push(...(await listEntries(github, repository, sha, below, depth + 1)));
    }
  }
  return entries;
}

async function readTree(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  tree: string,
  recursive: boolean,
) {
  const { data } = await github.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    owner,
    repo,
    tree_sha: tree,
    ...(recursive ? { recursive: '1' } : {}),
    request: { eventual: true },
  });
  return data;
}

type TreeItems = Awaited<ReturnType<typeof readTree>>['tree'];

function toEntries(items: TreeItems, folder: string): readonly TreeEntry[] {
  return items.flatMap(({ type, path, sha, size, mode }) =>
    type === 'blob'
      ? [
          {
            path: `${folder}${path}`,
            id: sha,
            bytes: size ?? 0,
            type: mode === '120000' ? ('link' as const) : ('file' as const),
          },
        ]
      : [],
  );
}

function boundedIds(
  ids: readonly string[],
  lengths: ReadonlyMap<string, number>,
): readonly string[] {
  let bytes = 0;
  return ids.filter((id) => {
    bytes += lengths.get(id) ?? 0;
    return bytes <= mostHeldBytes;
  });
}

interface Fetching {
  readonly ids: readonly string[];
  readonly lengths: ReadonlyMap<string, number>;
  readonly commits: readonly string[];
  readonly held: Map<string, Buffer>;
}

async function fetchBlobs(
  github: GitHub,
  repository: GitHubRepository,
  { ids, lengths, commits, held }: Fetching,
): Promise<void> {
  const missing = new Set(ids);
  const keep = (id: string, bytes: Buffer): void => {
    missing.delete(id);
    held.set(id, bytes);
  };
  for (const commit of commits.toReversed()) {
    if (missing.size <= mostSingleBlobs) {
      break;
    }
    const wanted = { ids: missing, lengths: new Set(ids.map((id) => lengths.get(id) ?? 0)) };
    const whole = await readArchive(github, repository, commit, wanted, keep);
    if (!whole && missing.size > mostSingleBlobs) {
      await readArchive(github, repository, commit, wanted, keep);
    }
  }
  const waiting = [...missing].slice(0, mostMissingBlobs).values();
  const workers = Array.from({ length: parallelRequests }, async () => {
    for (const id of waiting) {
      keep(id, await readBlob(github, repository, id));
    }
  });
  await Promise.all(workers);
}

async function readBlob(
  github: GitHub,
  { owner, repo }: GitHubRepository,
  id: string,
): Promise<Buffer> {
  const { data } = await github.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
    owner,
    repo,
    file_sha: id,
  });
  const bytes = Buffer.from(data.content, 'base64');
  if (blobId(bytes) !== id) {
    throw new Error(`GitHub gave another content for blob ${id}`);
  }
  return bytes;
}
