import { isObject, listIn, numberIn, stringIn, valueIn } from '../../policies/core/json.ts';
import { pullNumberIn } from '../../pipelines/github-review-id.ts';
import type { GitHubJob } from '../../pipelines/github-review-job.ts';
import { rerunAction } from '../../pipelines/source/github-checks.ts';

type Task = GitHubJob['task'];

const reviewed: ReadonlySet<string> = new Set([
  'opened',
  'reopened',
  'synchronize',
  'ready_for_review',
  'closed',
]);

/**
 * What an event asks for; nothing where it is none of ours. The payload only says where to look: what is true now is
 * asked of GitHub when the job is done.
 */
export function jobsFor(event: string, delivery: string, payload: unknown): readonly GitHubJob[] {
  const installation = numberIn(payload, 'installation', 'id');
  const [owner = '', repo = '', ...rest] = (
    stringIn(payload, 'repository', 'full_name') ?? ''
  ).split('/');
  if (installation === undefined || owner === '' || repo === '' || rest.length > 0) {
    return [];
  }
  return tasksFor(event, payload).map((task) => ({
    version: 1,
    delivery,
    installation,
    owner,
    repo,
    task,
  }));
}

function tasksFor(event: string, payload: unknown): readonly Task[] {
  const action = stringIn(payload, 'action') ?? '';
  switch (event) {
    case 'pull_request':
      return pullTasks(action, payload);
    case 'check_run':
      return checkRunTasks(action, payload);
    case 'check_suite':
      return action === 'rerequested' ? suiteTasks(payload) : [];
    case 'issue_comment':
      return action === 'created' ? commentTasks(payload) : [];
    case 'merge_group':
      return action === 'checks_requested' ? groupTasks(payload) : [];
    default:
      return [];
  }
}

function pullTasks(action: string, payload: unknown): readonly Task[] {
  const pull = numberIn(payload, 'pull_request', 'number');
  const newBase = action === 'edited' && isObject(valueIn(payload, 'changes', 'base'));
  if (pull === undefined || !(reviewed.has(action) || newBase)) {
    return [];
  }
  const before = action === 'synchronize' ? stringIn(payload, 'before') : undefined;
  return [{ kind: 'review', pull, again: false, ...(before === undefined ? {} : { before }) }];
}

/** Only the App that made a check run is asked to do it again. */
function checkRunTasks(action: string, payload: unknown): readonly Task[] {
  const button =
    action === 'requested_action' &&
    stringIn(payload, 'requested_action', 'identifier') === rerunAction;
  if (!button && action !== 'rerequested') {
    return [];
  }
  const pull = pullNumberIn(stringIn(payload, 'check_run', 'external_id') ?? '');
  const commit = stringIn(payload, 'check_run', 'head_sha');
  if (pull !== undefined) {
    return [{ kind: 'review', pull, again: true }];
  }
  return commit === undefined ? [] : [{ kind: 'commit', commit }];
}

function suiteTasks(payload: unknown): readonly Task[] {
  const pulls = listIn(payload, 'check_suite', 'pull_requests').flatMap(
    (pull) => numberIn(pull, 'number') ?? [],
  );
  const commit = stringIn(payload, 'check_suite', 'head_sha');
  if (pulls.length > 0) {
    return pulls.map((pull) => ({ kind: 'review', pull, again: true }));
  }
  return commit === undefined ? [] : [{ kind: 'commit', commit }];
}

/** What a bot says is no command, ours least of all. */
function commentTasks(payload: unknown): readonly Task[] {
  const pull = numberIn(payload, 'issue', 'number');
  const comment = numberIn(payload, 'comment', 'id');
  const body = stringIn(payload, 'comment', 'body') ?? '';
  const isOnPull = isObject(valueIn(payload, 'issue', 'pull_request'));
  const isBot = stringIn(payload, 'sender', 'type') === 'Bot';
  const isCommand = body.trimStart().startsWith('/meshgate');
  return pull === undefined || comment === undefined || !isOnPull || isBot || !isCommand
    ? []
    : [{ kind: 'command', pull, comment }];
}

function groupTasks(payload: unknown): readonly Task[] {
  const base = stringIn(payload, 'merge_group', 'base_sha');
  const head = stringIn(payload, 'merge_group', 'head_sha');
  return base === undefined || head === undefined ? [] : [{ kind: 'group', base, head }];
}
