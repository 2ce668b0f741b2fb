/** What the webhook function is told. */
export interface WebhookEnvironment {
  /** The webhook's secrets; the one before it too while it is replaced. */
  readonly secrets: readonly string[];
  /** Name or ARN of the function that reviews. */
  readonly reviewer: string;
}

/** What the reviewing function is told. */
export interface ReviewEnvironment {
  readonly appId: string;
  /** PEM. */
  readonly privateKey: string;
  /** Of the REST API; that of github.com where it is ''. */
  readonly gitHubUrl: string;
  /** Where renders are remembered while the environment lives; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
}

/** Reads the environment of the webhook function. Throws where something is missing, so that it does not start. */
export function readWebhookEnvironment(): WebhookEnvironment {
  const previous = process.env['MESHGATE_WEBHOOK_SECRET_PREVIOUS'] ?? '';
  return {
    secrets: [required('MESHGATE_WEBHOOK_SECRET'), ...(previous === '' ? [] : [previous])],
    reviewer: required('MESHGATE_REVIEW_FUNCTION'),
  };
}

/** Reads the environment of the reviewing function. Throws where something is missing, so that it does not start. */
export function readReviewEnvironment(): ReviewEnvironment {
  return {
    appId: required('MESHGATE_APP_ID'),
    // A variable on one line holds the line ends as text.
    privateKey: required('MESHGATE_APP_PRIVATE_KEY').replaceAll(String.raw`\n`, '\n'),
    gitHubUrl: process.env['MESHGATE_GITHUB_URL'] ?? '',
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

function required(name: string): string {
  const value = process.env[name] ?? '';
  if (value === '') {
    throw new Error(`set ${name} for this function`);
  }
  return value;
}
