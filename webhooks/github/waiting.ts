import type { GitHubJob } from '../../pipelines/github-review-job.ts';

/**
 * Adds a job to those that wait; of reviews of one pull request only the newest stays, and does what was wanted of the
 * older one. False where there is no room.
 */
export function addWaiting(waiting: GitHubJob[], job: GitHubJob, room: number): boolean {
  const superseded = waiting.findIndex(
    (other) => job.task.kind === 'review' && isSameReview(other, job),
  );
  if (superseded < 0 && waiting.length >= room) {
    return false;
  }
  const [older] = superseded < 0 ? [] : waiting.splice(superseded, 1);
  waiting.push(older === undefined ? job : merge(older, job));
  return true;
}

/** Jobs of one key never run at once. */
export function keyOf({ owner, repo, task }: GitHubJob): string {
  const subject = 'pull' in task ? String(task.pull) : JSON.stringify(task);
  return `${owner}/${repo}#${subject}`;
}

function isSameReview(left: GitHubJob, right: GitHubJob): boolean {
  return left.task.kind === 'review' && keyOf(left) === keyOf(right);
}

function merge(older: GitHubJob, newer: GitHubJob): GitHubJob {
  return older.task.kind === 'review' && newer.task.kind === 'review'
    ? { ...newer, task: { ...newer.task, again: older.task.again || newer.task.again } }
    : newer;
}
