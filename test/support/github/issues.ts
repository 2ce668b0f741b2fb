import { listIn, stringIn, type JsonObject } from '../../../policies/core/json.ts';
import { missing, page, refuse, type Answer, type Call } from './call.ts';
import { commentProblem } from './rules.ts';
import type { KeptIssue } from './state.ts';

function issueData(issue: KeptIssue): JsonObject {
  const { number, user, title, body, labels, open, reason, closedAt } = issue;
  return {
    number,
    user: { login: user },
    title,
    body,
    labels: labels.map((name) => ({ name })),
    state: open ? 'open' : 'closed',
    state_reason: reason ?? null,
    closed_at: closedAt ?? null,
    ...(issue.isPull === true ? { pull_request: { url: '' } } : {}),
  };
}

function issueOf({ state, parameters }: Call): KeptIssue | undefined {
  return state.issues.find(({ number }) => number === Number(parameters['issue_number']));
}

function labelsIn(body: unknown): readonly string[] {
  return listIn(body, 'labels').map((label) =>
    typeof label === 'string' ? label : (stringIn(label, 'name') ?? ''),
  );
}

function listIssues(call: Call): Answer {
  const { state, query } = call;
  const labels = query.get('labels')?.split(',') ?? [];
  const wanted = query.get('state') ?? 'open';
  const creator = query.get('creator');
  const found = state.issues
    .filter(
      (issue) =>
        (wanted === 'all' || issue.open === (wanted === 'open')) &&
        (creator === null || issue.user === creator) &&
        labels.every((label) => issue.labels.includes(label)),
    )
    .toSorted((left, right) => right.number - left.number);
  return { status: 200, data: page(call, found.map(issueData)) };
}

/** GitHub takes a body of no text, and none that is too long. */
function bodyProblem(body: unknown): string | undefined {
  return (stringIn(body, 'body') ?? '') === '' ? undefined : commentProblem(body);
}

function createIssue({ state, body, user }: Call): Answer {
  const problem = bodyProblem(body);
  if (problem !== undefined) {
    return refuse(problem);
  }
  const issue: KeptIssue = {
    number: state.nextId(),
    user,
    title: stringIn(body, 'title') ?? '',
    body: stringIn(body, 'body') ?? '',
    labels: state.mayLabel ? labelsIn(body) : [],
    open: true,
  };
  state.issues.push(issue);
  return { status: 201, data: issueData(issue) };
}

function updateIssue(call: Call): Answer {
  const { state, body } = call;
  const issue = issueOf(call);
  const problem = bodyProblem(body);
  if (issue === undefined || problem !== undefined) {
    return problem === undefined ? missing : refuse(problem);
  }
  issue.title = stringIn(body, 'title') ?? issue.title;
  issue.body = stringIn(body, 'body') ?? issue.body;
  if (listIn(body, 'labels').length > 0 && state.mayLabel) {
    issue.labels = labelsIn(body);
  }
  const wanted = stringIn(body, 'state');
  if (wanted !== undefined && issue.open !== (wanted === 'open')) {
    issue.open = wanted === 'open';
    issue.reason = stringIn(body, 'state_reason');
    issue.closedAt = issue.open ? undefined : new Date(state.now()).toISOString();
  }
  return { status: 200, data: issueData(issue) };
}

/** What the double does with issues. */
export const issueHandlers: Readonly<Record<string, (call: Call) => Answer>> = {
  'GET /repos/{owner}/{repo}/issues': listIssues,
  'POST /repos/{owner}/{repo}/issues': createIssue,
  'GET /repos/{owner}/{repo}/issues/{issue_number}': (call) => {
    const issue = issueOf(call);
    return issue === undefined ? missing : { status: 200, data: issueData(issue) };
  },
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}': updateIssue,
};
