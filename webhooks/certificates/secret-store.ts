import { stringIn, stringMapIn, type JsonObject } from '../../policies/core/json.ts';
import { apiPath, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import { secretData, type Keyring } from './keyring.ts';

/** Where the keyring is, and what its Secret carries when it is made. */
export interface SecretPlace {
  readonly writer: ClusterWriter;
  readonly namespace: string;
  readonly name: string;
  readonly metadata: JsonObject;
}

const secrets = { apiVersion: 'v1', resource: 'secrets' };

/** The collection of the Secret. */
export function secretCollection(namespace: string): string {
  return apiPath({ ...secrets, namespace });
}

/** The Secret as it is now; undefined where there is none. */
export function readSecret({
  writer,
  namespace,
  name,
}: SecretPlace): Promise<JsonObject | undefined> {
  return writer.read(apiPath({ ...secrets, namespace, name }));
}

/** Writes a keyring over what was read. Rejects with a conflict where somebody else wrote in between. */
export async function writeKeyring(
  { writer, namespace, name, metadata }: SecretPlace,
  before: JsonObject | undefined,
  keyring: Keyring,
): Promise<void> {
  const data = { ...stringMapIn(before, 'data'), ...secretData(keyring) };
  if (before === undefined) {
    const secret = { metadata: { ...metadata, name }, type: 'Opaque', data };
    await writer.create(secretCollection(namespace), secret);
    return;
  }
  const resourceVersion = stringIn(before, 'metadata', 'resourceVersion') ?? '';
  await writer.merge(apiPath({ ...secrets, namespace, name }), {
    metadata: { resourceVersion },
    data,
  });
}
