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
