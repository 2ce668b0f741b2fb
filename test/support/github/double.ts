import { generateKeyPairSync, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestRepository } from '../git-repository.ts';
import { createFaults, spoil, type Faults } from './faults.ts';
import { archiveOf } from './git-data.ts';
import type { Answer } from './call.ts';
import { handlers } from './handlers.ts';
import { listDeliveries } from './deliveries.ts';
import { checkRequest, type KnownRequest } from './openapi.ts';
import { emptyState, servedApp, servedRepository, type GitHubState } from './state.ts';

/** A GitHub on 127.0.0.1 that serves one real git repository. */
export interface GitHubDouble {
  readonly url: string;
  readonly state: GitHubState;
  readonly faults: Faults;
  /** Every request, as `METHOD /path`. */
  readonly requests: string[];
  /** Requests that GitHub's description does not allow; a good client makes none. */
  readonly violations: string[];
  readonly privateKey: string;
  /** Answers the archive of a commit; tests put a damaged one in its place. */
  archive: (commit: string) => Buffer;
  /** Rejects where a request broke GitHub's description, or a prepared fault was not met. */
  close(): Promise<void>;
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const installationToken = 'ghs_installation';
const bot = `${servedApp.slug}[bot]`;
const users: ReadonlyMap<string, string> = new Map([
  [installationToken, bot],
  ['ghp_someone', 'someone'],
]);

/** Starts a double, on an Enterprise Server below `path`; close it after the test. */
export async function startGitHub(repository: TestRepository, path = ''): Promise<GitHubDouble> {
  const server = createServer((request, response) => {
    serve(double, path, request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ message: String(error) }));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const double: GitHubDouble = {
    url: `http://127.0.0.1:${String(port)}${path}`,
    state: emptyState(repository),
    faults: createFaults(),
    requests: [],
    violations: [],
    privateKey: keys.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    archive: (commit) => archiveOf(repository, commit),
    async close() {
      await close(server);
      const problems = [...double.violations];
      if (double.faults.waiting() > 0) {
        problems.push('a fault was prepared that no request met');
      }
      if (problems.length > 0) {
        throw new Error(problems.join('\n'));
      }
    },
  };
  return double;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
}

async function serve(
  double: GitHubDouble,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? '';
  const url = new URL(request.url ?? '', double.url);
  if (!url.pathname.startsWith(`${path}/`)) {
    double.violations.push(`${url.pathname} is not below ${path}`);
  }
  url.pathname = url.pathname.slice(path.length);
  const bytes = await buffer(request);
  const body: unknown = bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
  double.requests.push(`${method} ${url.pathname}`);
  double.faults.runBefore(method, url.pathname);
  const fault = double.faults.next(method, url.pathname);
  if (fault !== undefined && !fault.kind.endsWith('after')) {
    spoil(response, fault);
    return;
  }
  if (url.pathname.startsWith('/codeload/')) {
    serveArchive(double, request, response, url);
    return;
  }
  const answer = answerTo(double, request.headers.authorization ?? '', method, url, body);
  if (fault === undefined) {
    send(response, answer);
  } else {
    spoil(response, fault);
  }
}

function serveArchive(
  double: GitHubDouble,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): void {
  if (request.headers.authorization !== undefined) {
    double.violations.push('a token was sent on to where an archive lies');
  }
  response.writeHead(200, { 'content-type': 'application/x-gzip' });
  response.end(double.archive(url.pathname.replace('/codeload/', '')));
}

function answerTo(
  double: GitHubDouble,
  authorization: string,
  method: string,
  url: URL,
  body: unknown,
): Answer {
  const known = checkRequest(method, url, body);
  if ('problem' in known) {
    double.violations.push(known.problem);
    return { status: 422, data: { message: known.problem } };
  }
  const { route, parameters } = known;
  if (/^(?:GET|POST) \/app(?:\/|$)/u.test(route)) {
    return isApp(authorization)
      ? appAnswer(double, known, url)
      : { status: 401, data: { message: 'A JSON web token could not be decoded' } };
  }
  const user = users.get(authorization.replace(/^(?:token|bearer) /iu, ''));
  if (user === undefined) {
    return { status: 401, data: { message: 'Bad credentials' } };
  }
  if (!isServed(parameters)) {
    return { status: 404, data: { message: 'Not Found' } };
  }
  const permission = permissionFor(method, route);
  if (permission !== undefined && double.state.denied.has(permission)) {
    return { status: 403, data: { message: 'Resource not accessible by integration' } };
  }
  const handler = handlers[route];
  const { state, url: origin } = double;
  return handler === undefined
    ? { status: 501, data: { message: `${route} is not served` } }
    : handler({ state, parameters, query: url.searchParams, body, user, origin });
}

function isServed(parameters: Readonly<Record<string, string>>): boolean {
  const { owner = servedRepository.owner, repo = servedRepository.repo } = parameters;
  return owner === servedRepository.owner && repo === servedRepository.repo;
}

function permissionFor(method: string, route: string): string | undefined {
  if (method === 'GET') {
    return undefined;
  }
  if (route.includes('/check-runs')) {
    return 'checks';
  }
  if (/\/git\/(?:trees|commits|refs)/u.test(route)) {
    return 'contents';
  }
  if (/\/issues(?:\/\{issue_number\})?$/u.test(route)) {
    return 'issues';
  }
  return route.includes('/pulls') || route.includes('/issues/') ? 'pull_requests' : undefined;
}

function appAnswer({ state }: GitHubDouble, { route, parameters }: KnownRequest, url: URL): Answer {
  if (route === 'GET /app') {
    return { status: 200, data: { id: servedApp.id, slug: servedApp.slug } };
  }
  if (route === 'GET /app/hook/deliveries') {
    return listDeliveries(state, url);
  }
  if (route === 'POST /app/hook/deliveries/{delivery_id}/attempts') {
    state.redelivered.push(parameters['delivery_id'] ?? '');
    return { status: 202, data: {} };
  }
  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const permissions = { contents: 'read', pull_requests: 'write', checks: 'write' };
  return {
    status: 201,
    data: {
      token: installationToken,
      expires_at: expires,
      permissions,
      repository_selection: 'all',
    },
  };
}

/** Whether a JSON web token is signed by the App and has not expired. */
function isApp(authorization: string): boolean {
  const [head = '', claims = '', signature = ''] = authorization
    .replace(/^bearer /iu, '')
    .split('.');
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('sha256', signed, keys.publicKey, Buffer.from(signature, 'base64url'))) {
    return false;
  }
  const { iss, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    iss: unknown;
    exp: number;
  };
  return String(iss) === String(servedApp.id) && exp * 1000 > Date.now();
}

function send(response: ServerResponse, { status, data, json, headers = {} }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(json ?? (data === undefined ? undefined : JSON.stringify(data)));
}
