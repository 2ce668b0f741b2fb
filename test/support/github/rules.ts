// What GitHub refuses though its description allows it. Sources: the answers of api.github.com, and its documentation.
import { listIn, numberIn, objectIn, stringIn } from '../../../policies/core/json.ts';
import { filesOfDiff } from './git-data.ts';
import type { GitHubState, KeptPull } from './state.ts';

const longestBody = 65_536;
const longestOutput = 65_535;
const longestMessage = 64 * 1024;

/** What is wrong with the body of a comment. */
export function commentProblem(body: unknown): string | undefined {
  const text = stringIn(body, 'body') ?? '';
  if (text.trim() === '') {
    return "Body can't be blank";
  }
  return text.length > longestBody ? 'Body is too long (maximum is 65536 characters)' : undefined;
}

/** What is wrong with a review; one bad comment is enough, and is not named. */
export function reviewProblem(
  state: GitHubState,
  pull: KeptPull,
  user: string,
  body: unknown,
): string | undefined {
  if (state.reviews.some((review) => review.user === user && review.state === 'PENDING')) {
    return 'User can only have one pending review per pull request';
  }
  if (stringIn(body, 'event') === 'COMMENT') {
    const problem = commentProblem(body);
    if (problem !== undefined) {
      return problem;
    }
  }
  const commit = stringIn(body, 'commit_id') ?? pull.head;
  for (const comment of listIn(body, 'comments')) {
    const problem = commentProblem(comment) ?? placeProblem(state, pull, commit, comment);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** What is wrong with the place of a comment on the diff. */
export function placeProblem(
  state: GitHubState,
  pull: KeptPull,
  commit: string,
  comment: unknown,
): string | undefined {
  const files = filesOfDiff(state.repository, pull.base, commit);
  const file = files.find(({ filename }) => filename === stringIn(comment, 'path'));
  if (file === undefined) {
    return 'Path could not be resolved';
  }
  if (stringIn(comment, 'subject_type') === 'file') {
    return undefined;
  }
  const hunks = hunksOf(file.patch ?? '', stringIn(comment, 'side') ?? 'RIGHT');
  const line = numberIn(comment, 'line');
  const start = numberIn(comment, 'start_line');
  const hunk = hunks.find((lines) => line !== undefined && lines.has(line));
  if (hunk === undefined) {
    return 'Pull request review thread line must be part of the diff';
  }
  if (start !== undefined && line !== undefined) {
    if (start >= line) {
      return 'Pull request review thread start line must precede the end line';
    }
    return hunk.has(start)
      ? undefined
      : 'Pull request review thread start line must be part of the same hunk as the line';
  }
  return undefined;
}

/** The commentable lines of each hunk: on the right added and context lines, on the left deleted ones. */
function hunksOf(patch: string, side: string): readonly ReadonlySet<number>[] {
  const hunks: Set<number>[] = [];
  let old = 0;
  let now = 0;
  for (const line of patch.split('\n')) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/u.exec(line);
    if (header !== null) {
      [old, now] = [Number(header[1]), Number(header[2])];
      hunks.push(new Set());
    } else if (line.startsWith('-')) {
      if (side === 'LEFT') hunks.at(-1)?.add(old);
      old += 1;
    } else if (line.startsWith('+') || line.startsWith(' ')) {
      if (side === 'RIGHT') hunks.at(-1)?.add(now);
      now += 1;
      old += line.startsWith(' ') ? 1 : 0;
    }
  }
  return hunks;
}

/** What is wrong with a check run. */
export function checkProblem(body: unknown): string | undefined {
  const output = objectIn(body, 'output');
  const annotations = listIn(output, 'annotations');
  if (Object.keys(output).length > 0 && (stringIn(output, 'title') ?? '') === '') {
    return 'title is required with output';
  }
  if (annotations.length > 50) {
    return 'Only 50 annotations a request';
  }
  for (const key of ['summary', 'text']) {
    if ((stringIn(output, key) ?? '').length > longestOutput) {
      return `${key} exceeds a maximum bytesize of 65535`;
    }
  }
  const actions = listIn(body, 'actions');
  const fits = actions.every(
    (action) =>
      (stringIn(action, 'label') ?? '').length <= 20 &&
      (stringIn(action, 'description') ?? '').length <= 40 &&
      (stringIn(action, 'identifier') ?? '').length <= 20,
  );
  if (actions.length > 3 || !fits) {
    return 'An action is too long, or there are too many';
  }
  return annotations.map(annotationProblem).find((problem) => problem !== undefined);
}

function annotationProblem(annotation: unknown): string | undefined {
  const start = numberIn(annotation, 'start_line') ?? 0;
  const end = numberIn(annotation, 'end_line') ?? 0;
  const hasColumn = numberIn(annotation, 'start_column') !== undefined;
  if (start < 1 || end < start || (hasColumn && start !== end)) {
    return 'The place of an annotation is not valid';
  }
  const tooLong =
    Buffer.byteLength(stringIn(annotation, 'message') ?? '') > longestMessage ||
    (stringIn(annotation, 'title') ?? '').length > 255;
  return tooLong ? 'The text of an annotation is too long' : undefined;
}
