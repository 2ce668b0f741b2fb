import { createSecret, type AwsAccess, type Secret } from './secrets.ts';

/** What the webhook function is told. */
export interface WebhookEnvironment {
  /** The webhook's secrets; the one before it too while it is replaced. */
  readonly secrets: readonly Secret[];
  /** Name or ARN of the function that reviews. */
  readonly reviewer: string;
}

/** What every function that speaks as the App is told. */
export interface AppEnvironment {
  readonly appId: string;
  /** PEM. */
  readonly privateKey: Secret;
  /** Of the REST API; that of github.com where it is ''. */
  readonly gitHubUrl: string;
}

/** What the reviewing function is told. */
export interface ReviewEnvironment extends AppEnvironment {
  /** Where renders are remembered while the environment lives; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
}

/** What the functions of the drift gate are told. */
export interface DriftEnvironment extends ReviewEnvironment {
  /** `OWNER/REPO` of the repository whose configuration names the clusters. */
  readonly repository: string;
  /** Of the App, there. */
  readonly installation: number;
  /** Hosts besides those of EKS at which the function may sign in. */
  readonly endpoints: readonly string[];
  /** URL of the API of EKS, for tests and private endpoints; AWS's own where it is ''. */
  readonly eksUrl: string;
}

/** Reads the environment of the webhook function. Throws where something is missing, so that it does not start. */
export function readWebhookEnvironment(): WebhookEnvironment {
  const previous = secret('MESHGATE_WEBHOOK_SECRET_PREVIOUS');
  return {
    secrets: [
      requiredSecret('MESHGATE_WEBHOOK_SECRET'),
      ...(previous === undefined ? [] : [previous]),
    ],
    reviewer: required('MESHGATE_REVIEW_FUNCTION'),
  };
}

/** Reads what the App is known by. Throws where something is missing, so that the function does not start. */
export function readAppEnvironment(): AppEnvironment {
  return {
    appId: required('MESHGATE_APP_ID'),
    privateKey: requiredSecret('MESHGATE_APP_PRIVATE_KEY'),
    gitHubUrl: process.env['MESHGATE_GITHUB_URL'] ?? '',
  };
}

/** Reads the environment of the reviewing function. Throws where something is missing, so that it does not start. */
export function readReviewEnvironment(): ReviewEnvironment {
  return {
    ...readAppEnvironment(),
    cacheFolder: cacheFolder(process.env['MESHGATE_CACHE'] ?? ''),
  };
}

/** `/tmp` is the only folder that a function may write to. */
function cacheFolder(own: string): string | undefined {
  if (own === 'off') {
    return undefined;
  }
  return own === '' ? '/tmp/meshgate-renders' : own;
}

/** Name or ARN of the function that compares the clusters of a repository; '' where reviews ask nobody. */
export function readPlanner(): string {
  return process.env['MESHGATE_PLAN_DRIFT_FUNCTION'] ?? '';
}

/** Where a change of drift is told beside GitHub; '' is nowhere. */
export function readNotifyTargets(): { readonly topic: string; readonly webhook: string } {
  return {
    topic: process.env['MESHGATE_DRIFT_TOPIC'] ?? '',
    webhook: process.env['MESHGATE_DRIFT_WEBHOOK'] ?? '',
  };
}

/** Reads the environment of a function of the drift gate. Throws where something is missing. */
export function readDriftEnvironment(): DriftEnvironment {
  const endpoints = process.env['MESHGATE_CLUSTER_ENDPOINTS'] ?? '';
  return {
    ...readReviewEnvironment(),
    repository: required('MESHGATE_REPOSITORY'),
    installation: Number(required('MESHGATE_INSTALLATION_ID')),
    eksUrl: process.env['AWS_ENDPOINT_URL_EKS'] ?? '',
    endpoints: endpoints.split(',').filter((host) => host !== ''),
  };
}

/** Name or ARN of the function that compares one cluster, for the one that plans. Throws where it is missing. */
export function readChecker(): string {
  return required('MESHGATE_CHECK_DRIFT_FUNCTION');
}

/** A secret by its text in a variable, or by its ARN in one that ends in `_ARN`; undefined where neither is set. */
function secret(name: string): Secret | undefined {
  const text = process.env[name] ?? '';
  const arn = process.env[`${name}_ARN`] ?? '';
  if (text !== '') {
    // A variable on one line holds the line ends as text.
    return createSecret({ text: text.replaceAll(String.raw`\n`, '\n') }, awsAccess(''));
  }
  return arn === '' ? undefined : createSecret({ arn }, awsAccess(arn));
}

function requiredSecret(name: string): Secret {
  const found = secret(name);
  if (found === undefined) {
    throw new Error(`set ${name} or ${name}_ARN for this function`);
  }
  return found;
}

/** What Lambda gives every function of itself. */
function awsAccess(arn: string): AwsAccess {
  const service = arn.includes(':ssm:') ? 'SSM' : 'SECRETS_MANAGER';
  return {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
    sessionToken: process.env['AWS_SESSION_TOKEN'] ?? '',
    endpoint: process.env[`AWS_ENDPOINT_URL_${service}`] ?? '',
    now: Date.now,
  };
}

function required(name: string): string {
  const value = process.env[name] ?? '';
  if (value === '') {
    throw new Error(`set ${name} for this function`);
  }
  return value;
}
