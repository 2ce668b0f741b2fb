import {
  listIn,
  numberIn,
  objectIn,
  stringIn,
  type JsonObject,
} from '../../../policies/core/json.ts';
import { missing, page, refuse, type Answer, type Call } from './call.ts';
import { filesOfDiff, gitBytes, treeOf } from './git-data.ts';
import { gitWriteHandlers } from './git-write.ts';
import { issueHandlers } from './issues.ts';
import { checkProblem, commentProblem, placeProblem, reviewProblem } from './rules.ts';
import {
  servedApp,
  servedRepository,
  type GitHubState,
  type KeptCheck,
  type KeptComment,
  type KeptPull,
} from './state.ts';

/** GitHub lists no more files of a pull request. */
const mostFiles = 3000;

function pullOf({ state, parameters }: Call): KeptPull | undefined {
  const number = parameters['pull_number'] ?? parameters['issue_number'];
  return state.pulls.get(Number(number));
}

function commentData({ id, user, body, path, line, answers }: KeptComment): JsonObject {
  return {
    id,
    user: { login: user },
    body,
    ...(path === undefined ? {} : { path }),
    ...(line === undefined ? {} : { line }),
    ...(answers === undefined ? {} : { in_reply_to_id: answers }),
  };
}

function checkData(check: KeptCheck): unknown {
  const { id, name, head, externalId, status, conclusion, title, summary, text } = check;
  const output = { title, summary, text, annotations_count: check.annotations.length };
  return { id, name, head_sha: head, external_id: externalId, status, conclusion, output };
}

function applyCheck(check: KeptCheck, body: unknown): void {
  const output = objectIn(body, 'output');
  const conclusion = stringIn(body, 'conclusion');
  const status = stringIn(body, 'status');
  if (conclusion !== undefined) {
    check.conclusion = conclusion;
    check.status = 'completed';
  } else if (status !== undefined) {
    check.status = status;
  }
  check.title = stringIn(output, 'title') ?? check.title;
  check.summary = stringIn(output, 'summary') ?? check.summary;
  check.text = stringIn(output, 'text') ?? check.text;
  check.annotations = [
    ...check.annotations,
    ...(listIn(output, 'annotations') as readonly JsonObject[]),
  ];
  const actions = listIn(body, 'actions') as readonly JsonObject[];
  check.actions = actions.length > 0 ? actions : check.actions;
}

function readPull(call: Call): Answer {
  const pull = pullOf(call);
  if (pull === undefined) {
    return missing;
  }
  const { owner, repo, id } = servedRepository;
  const base = {
    sha: pull.base,
    ref: pull.baseBranch ?? 'main',
    repo: { id, full_name: `${owner}/${repo}` },
  };
  const headRepository =
    pull.headRepository === undefined ? null : { full_name: pull.headRepository };
  return {
    status: 200,
    data: {
      number: pull.number,
      state: pull.open ? 'open' : 'closed',
      draft: pull.draft,
      base,
      head: { sha: pull.head, ref: 'topic', repo: headRepository },
    },
  };
}

function createReview(call: Call): Answer {
  const { state, body, user } = call;
  const pull = pullOf(call);
  if (pull === undefined) {
    return missing;
  }
  const problem = reviewProblem(state, pull, user, body);
  if (problem !== undefined) {
    return refuse(problem);
  }
  const id = state.nextId();
  const event = stringIn(body, 'event');
  state.reviews.push({
    id,
    user,
    body: stringIn(body, 'body') ?? '',
    commit: stringIn(body, 'commit_id') ?? pull.head,
    state: event === undefined ? 'PENDING' : 'COMMENTED',
  });
  for (const comment of listIn(body, 'comments')) {
    state.diffComments.push(keepDiffComment(state, user, comment, id));
  }
  return { status: 200, data: { id } };
}

function keepDiffComment(
  state: GitHubState,
  user: string,
  comment: unknown,
  review?: number,
): KeptComment {
  const line = numberIn(comment, 'line');
  const startLine = numberIn(comment, 'start_line');
  return {
    id: state.nextId(),
    user,
    body: stringIn(comment, 'body') ?? '',
    path: stringIn(comment, 'path') ?? '',
    ...(line === undefined ? {} : { line }),
    ...(startLine === undefined ? {} : { startLine }),
    ...(stringIn(comment, 'subject_type') === 'file' ? { onFile: true } : {}),
    ...(review === undefined ? {} : { review }),
  };
}

function createDiffComment(call: Call): Answer {
  const { state, body, user } = call;
  const pull = pullOf(call);
  if (pull === undefined) {
    return missing;
  }
  const commit = stringIn(body, 'commit_id') ?? '';
  const problem = commentProblem(body) ?? placeProblem(state, pull, commit, body);
  if (problem !== undefined) {
    return refuse(problem);
  }
  const kept = keepDiffComment(state, user, body);
  state.diffComments.push(kept);
  return { status: 201, data: commentData(kept) };
}

function change(list: KeptComment[], call: Call, remove: boolean): Answer {
  const index = list.findIndex(({ id }) => id === Number(call.parameters['comment_id']));
  const kept = list[index];
  if (kept === undefined) {
    return missing;
  }
  if (kept.user !== call.user) {
    return { status: 403, data: { message: 'Resource not accessible by integration' } };
  }
  if (remove) {
    list.splice(index, 1);
    return { status: 204 };
  }
  const problem = commentProblem(call.body);
  if (problem !== undefined) {
    return refuse(problem);
  }
  kept.body = stringIn(call.body, 'body') ?? '';
  return { status: 200, data: commentData(kept) };
}

function compare({ state, parameters }: Call): Answer {
  const [base = '', head = ''] = (parameters['basehead'] ?? '').split('...');
  const sha = gitBytes(state.repository, 'merge-base', base, head).toString().trim();
  const behind = gitBytes(state.repository, 'rev-list', '--count', `${sha}..${base}`).toString();
  return {
    status: 200,
    data: { merge_base_commit: { sha }, behind_by: Number(behind), files: [] },
  };
}

function createCheck({ state, body }: Call): Answer {
  const problem = checkProblem(body);
  if (problem !== undefined) {
    return refuse(problem);
  }
  const check: KeptCheck = {
    id: state.nextId(),
    name: stringIn(body, 'name') ?? '',
    head: stringIn(body, 'head_sha') ?? '',
    app: servedApp.id,
    externalId: stringIn(body, 'external_id') ?? '',
    status: 'queued',
    conclusion: null,
    title: '',
    summary: '',
    text: '',
    annotations: [],
    actions: [],
  };
  applyCheck(check, body);
  state.checks.push(check);
  return { status: 201, data: checkData(check) };
}

function updateCheck({ state, parameters, body }: Call): Answer {
  const check = state.checks.find(({ id }) => id === Number(parameters['check_run_id']));
  const problem = checkProblem(body);
  if (check === undefined || problem !== undefined) {
    return problem === undefined ? missing : refuse(problem);
  }
  applyCheck(check, body);
  return { status: 200, data: checkData(check) };
}

function listChecks(call: Call): Answer {
  const { state, parameters, query } = call;
  const matching = state.checks.filter(
    ({ head, name, app }) =>
      head === parameters['ref'] &&
      name === (query.get('check_name') ?? name) &&
      String(app) === (query.get('app_id') ?? String(app)),
  );
  const found = query.get('filter') === 'all' ? matching : matching.slice(-1);
  const data = { total_count: found.length, check_runs: page(call, found.map(checkData)) };
  return { status: 200, data };
}

function postComment(call: Call): Answer {
  const { state, body, user } = call;
  const problem = commentProblem(body);
  if (problem !== undefined) {
    return refuse(problem);
  }
  const kept = {
    id: state.nextId(),
    user,
    body: stringIn(body, 'body') ?? '',
    on: Number(call.parameters['issue_number']),
  };
  state.conversation.push(kept);
  return { status: 201, data: commentData(kept) };
}

/** The comments on one issue or pull request; those that a test made up belong to all. */
function conversationOf({ state, parameters }: Call): readonly KeptComment[] {
  const number = Number(parameters['issue_number']);
  return state.conversation.filter(({ on = number }) => on === number);
}

function deleteReview({ state, parameters, user }: Call): Answer {
  const id = Number(parameters['review_id']);
  const index = state.reviews.findIndex((review) => review.id === id && review.user === user);
  if (state.reviews[index]?.state !== 'PENDING') {
    return refuse('Can not delete a non-pending pull request review');
  }
  state.reviews.splice(index, 1);
  return { status: 200, data: {} };
}

/** What the double does for each request of GitHub's description that it knows. */
export const handlers: Readonly<Record<string, (call: Call) => Answer>> = {
  ...issueHandlers,
  ...gitWriteHandlers,
  'GET /app': () => ({ status: 200, data: { id: servedApp.id, slug: servedApp.slug } }),
  'GET /user': ({ user }) => ({ status: 200, data: { login: user } }),
  'GET /repos/{owner}/{repo}/pulls/{pull_number}': readPull,
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/files': (call) => {
    const pull = pullOf(call);
    return pull === undefined
      ? missing
      : {
          status: 200,
          data: page(
            call,
            filesOfDiff(call.state.repository, pull.base, pull.head).slice(0, mostFiles),
          ),
        };
  },
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews': (call) => ({
    status: 200,
    data: page(
      call,
      call.state.reviews
        .filter(({ state, user }) => state !== 'PENDING' || user === call.user)
        .map(({ id, user, body, state }) => ({ id, user: { login: user }, body, state })),
    ),
  }),
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews': createReview,
  'DELETE /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}': deleteReview,
  'GET /repos/{owner}/{repo}/pulls/{pull_number}/comments': (call) => ({
    status: 200,
    data: page(call, call.state.diffComments.map(commentData)),
  }),
  'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments': createDiffComment,
  'PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}': (call) =>
    change(call.state.diffComments, call, false),
  'DELETE /repos/{owner}/{repo}/pulls/comments/{comment_id}': (call) =>
    change(call.state.diffComments, call, true),
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': (call) => ({
    status: 200,
    data: page(call, conversationOf(call).map(commentData)),
  }),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': postComment,
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': ({ state, parameters }) => {
    const kept = state.conversation.find(({ id }) => id === Number(parameters['comment_id']));
    return kept === undefined ? missing : { status: 200, data: commentData(kept) };
  },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': (call) =>
    change(call.state.conversation, call, false),
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': (call) =>
    change(call.state.conversation, call, true),
  'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': (call) => {
    const comment = Number(call.parameters['comment_id']);
    const content = stringIn(call.body, 'content') ?? '';
    const before = call.state.reactions.some(
      (reaction) => reaction.comment === comment && reaction.content === content,
    );
    if (!before) {
      call.state.reactions.push({ comment, content });
    }
    return { status: before ? 200 : 201, data: { id: 1, content } };
  },
  'GET /repos/{owner}/{repo}/collaborators/{username}/permission': ({ state, parameters }) => ({
    status: 200,
    data: { permission: state.permissions.get(parameters['username'] ?? '') ?? 'none' },
  }),
  'POST /repos/{owner}/{repo}/check-runs': createCheck,
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}': updateCheck,
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}': ({ state, parameters }) => {
    const check = state.checks.find(({ id }) => id === Number(parameters['check_run_id']));
    return check === undefined ? missing : { status: 200, data: checkData(check) };
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': listChecks,
  'GET /repos/{owner}/{repo}/compare/{basehead}': compare,
  'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': ({ state, parameters, query }) => {
    const { tree_sha: sha = '' } = parameters;
    const truncated = query.has('recursive') && state.truncated.has(sha);
    const items = treeOf(state.repository, sha, query.has('recursive'));
    return { status: 200, data: { sha, truncated, tree: truncated ? items.slice(0, 3) : items } };
  },
  'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': ({ state, parameters }) => {
    const bytes = gitBytes(state.repository, 'cat-file', 'blob', parameters['file_sha'] ?? '');
    const data = { encoding: 'base64', content: bytes.toString('base64'), size: bytes.length };
    return { status: 200, data };
  },
  'POST /repos/{owner}/{repo}/code-scanning/sarifs': ({ state, body }) => {
    state.uploads.push(body as JsonObject);
    return { status: 202, data: { id: 'upload' } };
  },
  'GET /repos/{owner}/{repo}/tarball/{ref}': ({ parameters, origin }) => ({
    status: 302,
    headers: { location: `${origin}/codeload/${parameters['ref'] ?? ''}?token=once` },
  }),
};
