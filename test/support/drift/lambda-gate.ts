import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildFunctions } from '../../../tools/build/functions.ts';
import { findRuntimeClient } from '../../../tools/lambda/locate.ts';
import { createAuthority, type Authority } from '../cluster/certificates.ts';
import { setEnvironment } from '../environment.ts';
import { createRepository, type TestRepository } from '../git-repository.ts';
import { startGitHub, type GitHubDouble } from '../github/double.ts';
import { startLambda, type Lambda } from '../github/lambda.ts';
import { servedApp } from '../github/state.ts';
import { servedResource, startFakeApi, type FakeApi } from './fake-api.ts';

const client = findRuntimeClient();

/** Why the functions cannot be run; undefined where they can. */
export const missingRuntime =
  client === undefined
    ? "AWS's runtime client is not built: run `node tools/lambda/main.ts`"
    : undefined;

/** The bundles of the functions, and who signs certificates. */
export interface BuiltGate {
  readonly folder: string;
  readonly authority: Authority;
  remove(): void;
}

/** Builds the functions as they ship. */
export async function buildGate(): Promise<BuiltGate> {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-functions-'));
  const authority = await createAuthority('test authority');
  writeFileSync(join(folder, 'authority.pem'), authority.pem);
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const { outputFiles } = await buildFunctions(root);
  for (const { path, contents } of outputFiles) {
    writeFileSync(join(folder, basename(path)), contents);
  }
  return { folder, authority, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A repository on GitHub, the cluster `prod` that drifts from it, and Lambda; ends with `stop`. */
export interface LambdaGate {
  readonly repository: TestRepository;
  readonly double: GitHubDouble;
  readonly api: FakeApi;
  readonly lambda: Lambda;
  /** How a target names a cluster of EKS. */
  readonly eks: Readonly<Record<string, string>>;
  startFunctions(options?: FunctionOptions): Promise<void>;
  stop(): Promise<void>;
}

/** How the functions run. */
export interface FunctionOptions {
  readonly timeoutMilliseconds?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

const usualTimeoutMilliseconds = 200_000;

/** A DestinationRule with that mode of TLS. */
function ruleWith(mode: string): Record<string, unknown> {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'ledger', namespace: 'shop' },
    spec: { host: 'ledger', trafficPolicy: { tls: { mode } } },
  };
}

/** The files of the repository, with these targets. */
export function gateFiles(targets: readonly object[]): Record<string, string> {
  const config = {
    apiVersion: 'meshgate.dev/v1alpha1',
    kind: 'MeshgateConfig',
    drift: { targets, clusters: 'fleet' },
  };
  return {
    'meshgate.yaml': JSON.stringify(config),
    'prod/ledger.yaml': JSON.stringify(ruleWith('ISTIO_MUTUAL')),
  };
}

/** Starts them. */
export async function startGate({ folder, authority }: BuiltGate): Promise<LambdaGate> {
  const repository = createRepository();
  const double = await startGitHub(repository);
  const leaf = await authority.issue({ commonName: 'cluster', addresses: ['127.0.0.1'] });
  const api = await startFakeApi(leaf);
  api.resources.set('/apis/networking.istio.io/v1', [
    servedResource('destinationrules', 'DestinationRule'),
  ]);
  api.objects.set('/apis/networking.istio.io/v1/destinationrules', [ruleWith('DISABLE')]);
  const lambda = await startLambda(client ?? '', folder, { retries: 2 });
  const restore = setEnvironment({
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
  });
  const common = {
    MESHGATE_APP_ID: String(servedApp.id),
    MESHGATE_APP_PRIVATE_KEY: double.privateKey.replaceAll('\n', String.raw`\n`),
    MESHGATE_GITHUB_URL: double.url,
    MESHGATE_REPOSITORY: 'acme/shop',
    MESHGATE_INSTALLATION_ID: String(servedApp.installation),
    MESHGATE_CLUSTER_ENDPOINTS: '127.0.0.1',
    MESHGATE_CHECK_DRIFT_FUNCTION: 'check-drift',
  };
  return {
    repository,
    double,
    api,
    lambda,
    eks: {
      clusterName: 'prod',
      region: 'eu-west-1',
      endpoint: `https://127.0.0.1:${String(api.port)}`,
      certificateAuthority: Buffer.from(authority.pem).toString('base64'),
    },
    async startFunctions({ timeoutMilliseconds = usualTimeoutMilliseconds, environment } = {}) {
      const variables = { ...common, ...environment };
      await lambda.start({ name: 'check-drift', environment: variables, timeoutMilliseconds });
      await lambda.start({ name: 'plan-drift', environment: variables });
    },
    async stop() {
      restore();
      await lambda.stop();
      await api.close();
      await double.close();
      repository.remove();
    },
  };
}

const longestWaitMilliseconds = 200_000;

/** Waits until something holds. Throws where it does not come to hold. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + longestWaitMilliseconds;
  while (!holds()) {
    if (performance.now() > end) {
      throw new Error(`waited in vain until ${String(holds)}`);
    }
    await sleep(50);
  }
}
