import { listIn, numberIn, objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import { defaultRootNamespace } from '../../webhooks/admission/guards.ts';
import { mutatingName, validatingName } from '../../webhooks/registration/registration.ts';
import { valueOr, type Reading, type Snapshot } from '../../webhooks/doctor/snapshot.ts';
import type { ClusterReader } from './reader.ts';
import { readMissingRights } from './read-rights.ts';
import { readReplicas, type OutsideAddress } from './read-replicas.ts';
import { readSamples } from './samples.ts';

const selector = 'labelSelector=app.kubernetes.io%2Fname%3Dmeshgate';
const registrations = '/apis/admissionregistration.k8s.io/v1';
const mostPods = 500;
const failOpenMetric = 'apiserver_admission_webhook_fail_open_count';
const ourWebhooks = /\.meshgate\.dev$/u;

/** Lists of rules by which other engines change objects; most clusters serve few of them. */
const mutatorLists = [
  `${registrations}/mutatingadmissionpolicies`,
  '/apis/kyverno.io/v1/clusterpolicies',
  '/apis/kyverno.io/v1/policies',
  '/apis/mutations.gatekeeper.sh/v1/assign',
  '/apis/mutations.gatekeeper.sh/v1/assignmetadata',
  '/apis/mutations.gatekeeper.sh/v1/modifyset',
];

/** Reads what the checks go by. Changes nothing. */
export async function readSnapshot(
  reader: ClusterReader,
  namespace: string,
  now: number,
): Promise<Snapshot> {
  const [deployments, pods, mutating, validating] = await Promise.all([
    reader.list(`/apis/apps/v1/namespaces/${namespace}/deployments?${selector}`),
    reader.list(`/api/v1/namespaces/${namespace}/pods?${selector}`),
    reader.list(`${registrations}/mutatingwebhookconfigurations`),
    reader.list(`${registrations}/validatingwebhookconfigurations`),
  ]);
  const deployment = valueOr(deployments, [])[0];
  const names = namesOf(deployment);
  const webhooks = [...valueOr(mutating, []), ...valueOr(validating, [])]
    .filter((object) =>
      [mutatingName, validatingName].includes(stringIn(object, 'metadata', 'name') ?? ''),
    )
    .flatMap((object) => listIn(object, 'webhooks'));
  const [lease, certificate, outside, missingRights, mutators, filledPods, failedOpen] =
    await Promise.all([
      readNamed(reader, `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`, names.lease),
      readCertificate(reader, namespace, names.secret),
      outsideAddress(reader, webhooks[0]),
      readMissingRights(reader, {
        namespace,
        serviceAccount: names.serviceAccount,
        rootNamespace: await rootNamespace(reader, namespace, names.config),
        secret: names.ownSecret,
        lease: names.lease,
        audit: names.audit,
      }),
      readMutators(reader),
      readFilledPods(reader),
      readFailedOpen(reader),
    ]);
  const replicas = await readReplicas(reader, valueOr(pods, []), outside);
  return {
    namespace,
    now,
    deployments,
    pods,
    lease,
    certificate,
    mutating,
    validating,
    replicas,
    missingRights,
    mutators,
    filledPods,
    failedOpen,
  };
}

/** The names that the Deployment gives to what belongs to it. */
function namesOf(deployment: JsonObject | undefined) {
  const spec = objectIn(deployment, 'spec', 'template', 'spec');
  const args = listIn(listIn(spec, 'containers')[0], 'args').map(String);
  const argument = (name: string): string | undefined =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
  const ownSecret = argument('tls-secret');
  const mounted = listIn(spec, 'volumes').flatMap(
    (volume) => stringIn(volume, 'secret', 'secretName') ?? [],
  );
  const config = listIn(spec, 'volumes').flatMap(
    (volume) => stringIn(volume, 'configMap', 'name') ?? [],
  );
  return {
    serviceAccount: stringIn(spec, 'serviceAccountName') ?? 'default',
    lease: argument('lease'),
    audit: {
      isOn: Number(argument('audit-interval') ?? 0) > 0,
      reports: argument('audit-reports'),
    },
    ownSecret,
    secret: ownSecret ?? mounted[0],
    config: config[0],
  };
}

async function readNamed(
  reader: ClusterReader,
  collection: string,
  name: string | undefined,
): Promise<Reading<JsonObject>> {
  return name === undefined
    ? { unread: 'the Deployment does not name it' }
    : reader.get(`${collection}/${name}`);
}

async function readCertificate(
  reader: ClusterReader,
  namespace: string,
  name: string | undefined,
): Promise<Reading<{ readonly leaf: string }>> {
  const secret = await readNamed(reader, `/api/v1/namespaces/${namespace}/secrets`, name);
  return 'unread' in secret
    ? secret
    : { value: { leaf: decode(stringIn(secret.value, 'data', 'tls.crt')) } };
}

async function rootNamespace(
  reader: ClusterReader,
  namespace: string,
  name: string | undefined,
): Promise<string> {
  const map = await readNamed(reader, `/api/v1/namespaces/${namespace}/configmaps`, name);
  const text = 'value' in map ? stringIn(map.value, 'data', 'meshgate.yaml') : undefined;
  return /^ {2}rootNamespace: ["']?([\w.-]+)/mu.exec(text ?? '')?.[1] ?? defaultRootNamespace;
}

/** The address of a webhook that is a URL, or a Service that stands for a host outside the cluster. */
async function outsideAddress(
  reader: ClusterReader,
  webhook: unknown,
): Promise<OutsideAddress | undefined> {
  const authorities = decode(stringIn(webhook, 'clientConfig', 'caBundle'));
  const url = stringIn(webhook, 'clientConfig', 'url');
  if (url !== undefined) {
    return { origin: new URL(url).origin, serverName: new URL(url).hostname, authorities };
  }
  const service = objectIn(webhook, 'clientConfig', 'service');
  const name = stringIn(service, 'name') ?? '';
  const namespace = stringIn(service, 'namespace') ?? '';
  const found = await reader.get(`/api/v1/namespaces/${namespace}/services/${name}`);
  const host = 'value' in found ? stringIn(found.value, 'spec', 'externalName') : undefined;
  return host === undefined
    ? undefined
    : {
        origin: `https://${host}:${String(numberIn(service, 'port') ?? 443)}`,
        serverName: `${name}.${namespace}.svc`,
        authorities,
      };
}

async function readMutators(reader: ClusterReader): Promise<Reading<readonly JsonObject[]>> {
  const lists = await Promise.all(mutatorLists.map((path) => reader.listIfServed(path)));
  const unread = lists.find((list) => 'unread' in list);
  return unread ?? { value: lists.flatMap((list) => valueOr(list, [])) };
}

async function readFilledPods(reader: ClusterReader): Promise<Reading<readonly JsonObject[]>> {
  const pods = await reader.list(`/api/v1/pods?limit=${String(mostPods)}`);
  return 'unread' in pods
    ? pods
    : {
        value: pods.value.filter(
          (pod) => stringIn(pod, 'metadata', 'annotations', 'meshgate.dev/filled') !== undefined,
        ),
      };
}

async function readFailedOpen(reader: ClusterReader): Promise<Reading<number>> {
  const { status, text } = await reader.fetch('/metrics');
  if (status !== 200) {
    return { unread: `the API server's metrics could not be read: ${text}` };
  }
  const ours = readSamples(text).filter(
    ({ name, labels }) => name === failOpenMetric && ourWebhooks.test(labels['name'] ?? ''),
  );
  return { value: ours.reduce((sum, { value }) => sum + value, 0) };
}

function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString('utf8');
}
