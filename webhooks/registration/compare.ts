import { isDeepStrictEqual } from 'node:util';
import {
  isObject,
  listIn,
  objectIn,
  stringIn,
  stringMapIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';

/** A configuration as it shall be; where its webhooks have no `caBundle`, somebody else fills that in. */
export type DesiredConfiguration = JsonObject;

const defaults: JsonObject = {
  namespaceSelector: {},
  objectSelector: {},
  matchConditions: [],
  matchPolicy: 'Equivalent',
  timeoutSeconds: 10,
};
const defaultPort = 443;

/** Whether a configuration of the API server says what it shall. Labels, annotations and owners of others are theirs. */
export function isAsDesired(desired: DesiredConfiguration, live: JsonObject): boolean {
  const merged = desiredOver(desired, live);
  return (
    isDeepStrictEqual(objectIn(merged, 'metadata'), objectIn(live, 'metadata')) &&
    isDeepStrictEqual(comparable(merged), comparable(live))
  );
}

/** A configuration of the API server changed into what it shall be, with the resourceVersion that it was read at. */
export function desiredOver(desired: DesiredConfiguration, live: JsonObject): JsonObject {
  const metadata = objectIn(live, 'metadata');
  const wanted = objectIn(desired, 'metadata');
  const annotations = stringMapIn(wanted, 'annotations');
  return {
    ...live,
    apiVersion: desired['apiVersion'] ?? '',
    kind: desired['kind'] ?? '',
    metadata: {
      ...metadata,
      labels: { ...stringMapIn(metadata, 'labels'), ...stringMapIn(wanted, 'labels') },
      ...(Object.keys(annotations).length === 0
        ? {}
        : { annotations: { ...stringMapIn(metadata, 'annotations'), ...annotations } }),
      ...ownersOf(metadata, wanted),
    },
    webhooks: listIn(desired, 'webhooks').map((webhook) => withTrustOf(webhook, live)),
  };
}

/** The caBundle of each webhook of a configuration, in PEM; '' where it has none. */
export function bundlesOf(configuration: JsonObject | undefined): readonly string[] {
  return listIn(configuration, 'webhooks').map((webhook) =>
    Buffer.from(stringIn(webhook, 'clientConfig', 'caBundle') ?? '', 'base64').toString('utf8'),
  );
}

function ownersOf(metadata: JsonObject, wanted: JsonObject): JsonObject {
  const ours = listIn(wanted, 'ownerReferences');
  if (ours.length === 0) {
    return {};
  }
  const uids = new Set(ours.map((owner) => stringIn(owner, 'uid')));
  const others = listIn(metadata, 'ownerReferences').filter(
    (owner) => !uids.has(stringIn(owner, 'uid')),
  );
  return { ownerReferences: [...others, ...ours] };
}

/** Keeps the trust that somebody else filled in where we do not say. */
function withTrustOf(webhook: Json, live: JsonObject): Json {
  const clientConfig = objectIn(webhook, 'clientConfig');
  if (!isObject(webhook) || clientConfig['caBundle'] !== undefined) {
    return webhook;
  }
  const name = stringIn(webhook, 'name');
  const before = listIn(live, 'webhooks').find((one) => stringIn(one, 'name') === name);
  const caBundle = stringIn(before, 'clientConfig', 'caBundle');
  return caBundle === undefined
    ? webhook
    : { ...webhook, clientConfig: { ...clientConfig, caBundle } };
}

/** The webhooks with what the API server fills in where nothing is said. */
function comparable(configuration: JsonObject): readonly Json[] {
  const isMutating = stringIn(configuration, 'kind') === 'MutatingWebhookConfiguration';
  const reinvocation = isMutating ? { reinvocationPolicy: 'Never' } : {};
  return listIn(configuration, 'webhooks').map((webhook) => {
    const clientConfig = objectIn(webhook, 'clientConfig');
    const { service } = clientConfig;
    const withPort = isObject(service) ? { service: { port: defaultPort, ...service } } : {};
    return {
      ...defaults,
      ...reinvocation,
      ...(webhook as JsonObject),
      clientConfig: { ...clientConfig, ...withPort },
    };
  });
}
