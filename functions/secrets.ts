import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';

/** Where a secret is: its text itself, or the ARN of a secret in Secrets Manager or of a parameter in SSM. */
export type SecretSetting = { readonly text: string } | { readonly arn: string };

/** A secret that may be replaced while the process lives. */
export interface Secret {
  /** Its text, at most some minutes old. */
  current(): Promise<string>;
  /** Its text read anew, as when something signed with it does not fit; at most once a minute. */
  renewed(): Promise<string>;
}

/** The function's own credentials, and where AWS is; `endpoint` is for tests and private endpoints. */
export interface AwsAccess {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Of Secrets Manager or SSM; '' for AWS's own. */
  readonly endpoint: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const keptMilliseconds = 5 * 60_000;
const betweenRenewalsMilliseconds = 60_000;
const requestMilliseconds = 5000;

/** What is asked of each service, and where its answer holds the text. */
const services = {
  secretsmanager: {
    target: 'secretsmanager.GetSecretValue',
    body: (arn: string) => ({ SecretId: arn }),
    pattern: ['SecretString'],
  },
  ssm: {
    target: 'AmazonSSM.GetParameter',
    body: (arn: string) => ({ Name: arn, WithDecryption: true }),
    pattern: ['Parameter', 'Value'],
  },
} as const;

/** Makes a secret of its setting. Throws where the ARN is none of a secret or parameter. */
export function createSecret(setting: SecretSetting, access: AwsAccess): Secret {
  if ('text' in setting) {
    const text = (): Promise<string> => Promise.resolve(setting.text);
    return { current: text, renewed: text };
  }
  const read = readerOf(setting.arn, access);
  let known: { readonly text: Promise<string>; readonly at: number } | undefined;
  async function within(milliseconds: number): Promise<string> {
    const last = known;
    if (last !== undefined && access.now() - last.at < milliseconds) {
      return await last.text;
    }
    // What was read before serves on where AWS does not answer; without it there is nothing to go on with.
    const text = last === undefined ? read() : read().catch(() => last.text);
    known = { text, at: access.now() };
    text.catch(() => (known = last));
    return await text;
  }
  return {
    current: () => within(keptMilliseconds),
    renewed: () => within(betweenRenewalsMilliseconds),
  };
}

/** Reads a secret by one signed request: AWS's own clients would double what the webhook's function loads. */
function readerOf(arn: string, access: AwsAccess): () => Promise<string> {
  const [, partition = '', name = '', region = ''] = arn.split(':');
  const service = name === 'secretsmanager' || name === 'ssm' ? services[name] : undefined;
  if (service === undefined || region === '') {
    throw new Error(`${arn} is no ARN of a secret in Secrets Manager or of a parameter in SSM`);
  }
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const own = `https://${name}.${region}.${domain}`;
  const endpoint = new URL(access.endpoint === '' ? own : access.endpoint);
  const { accessKeyId, secretAccessKey, sessionToken } = access;
  const signer = new SignatureV4({
    service: name,
    region,
    sha256: Sha256,
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === '' ? {} : { sessionToken }),
    },
  });
  return async () => {
    const body = JSON.stringify(service.body(arn));
    const { headers } = await signer.sign(
      {
        method: 'POST',
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        path: '/',
        headers: {
          host: endpoint.host,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': service.target,
        },
        body,
      },
      { signingDate: new Date(access.now()) },
    );
    const response = await fetch(endpoint, {
      method: 'POST',
      headers,
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(requestMilliseconds),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    const text = response.ok ? textIn(answer, service.pattern) : undefined;
    if (text === undefined) {
      throw new Error(`${arn} cannot be read: AWS answered ${String(response.status)}`);
    }
    return text;
  };
}

function textIn(answer: unknown, path: readonly string[]): string | undefined {
  let value = answer;
  for (const key of path) {
    value =
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined;
  }
  return typeof value === 'string' ? value : undefined;
}
