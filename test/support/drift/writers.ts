import { readFileSync } from 'node:fs';
import { objectIn, stringIn, type JsonObject } from '../../../policies/core/json.ts';
import { describeReference, readResource } from '../../../policies/core/resource.ts';
import { parseDocuments } from '../../../pipelines/render/parse-documents.ts';
import type { ApiAnswer } from '../cluster/api.ts';
import type { Cluster } from '../cluster/start.ts';

interface Served {
  readonly path: string;
  readonly namespaced: boolean;
}

/** Those who write objects to a test cluster, each in the way of the client that it stands for. */
export interface Writers {
  /** Where an object is. */
  pathOf(object: JsonObject): Promise<string>;
  /** Server-side apply, as Argo CD and Flux do it. */
  apply(object: JsonObject, manager: string): Promise<ApiAnswer>;
  /** `kubectl apply` as it is without --server-side: last-applied and a merge patch, or a creation. */
  applyByClient(object: JsonObject): Promise<ApiAnswer>;
  /** `kubectl edit`: the whole object comes back with a change. */
  edit(object: JsonObject, change: (live: JsonObject) => JsonObject): Promise<ApiAnswer>;
  /** A controller's merge patch. */
  patch(object: JsonObject, change: JsonObject, manager: string): Promise<ApiAnswer>;
  /** `kubectl scale` or an autoscaler. */
  scale(object: JsonObject, replicas: number, manager: string): Promise<ApiAnswer>;
  remove(object: JsonObject): Promise<void>;
  live(object: JsonObject): Promise<JsonObject>;
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Makes the writers of a cluster. */
export function createWriters({ api, createNamespace }: Cluster): Writers {
  const groups = new Map<string, Promise<ReadonlyMap<string, Served>>>();
  const namespaces = new Set(['default', 'kube-system']);

  function served(apiVersion: string): Promise<ReadonlyMap<string, Served>> {
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = groups.get(apiVersion) ?? readServed(root);
    groups.set(apiVersion, known);
    return known;
  }

  async function readServed(root: string): Promise<ReadonlyMap<string, Served>> {
    const { body } = await api.send('GET', root);
    const { resources = [] } = body as {
      readonly resources?: readonly { name: string; kind: string; namespaced: boolean }[];
    };
    return new Map(
      resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced }) => [kind, { path: `${root}|${name}`, namespaced }]),
    );
  }

  async function collectionOf(object: JsonObject): Promise<string> {
    const kind = stringIn(object, 'kind') ?? '';
    const found = (await served(stringIn(object, 'apiVersion') ?? '')).get(kind);
    if (found === undefined) {
      throw new Error(`the test cluster does not serve ${kind}`);
    }
    const [root = '', plural = ''] = found.path.split('|');
    if (!found.namespaced) {
      return `${root}/${plural}`;
    }
    const namespace = stringIn(object, 'metadata', 'namespace') ?? 'default';
    if (!namespaces.has(namespace)) {
      namespaces.add(namespace);
      await createNamespace(namespace).catch(() => undefined);
    }
    return `${root}/namespaces/${namespace}/${plural}`;
  }

  async function pathOf(object: JsonObject): Promise<string> {
    return `${await collectionOf(object)}/${stringIn(object, 'metadata', 'name') ?? ''}`;
  }

  async function live(object: JsonObject): Promise<JsonObject> {
    return (await api.must('GET', await pathOf(object))) as JsonObject;
  }

  async function send(
    method: string,
    path: string,
    body: unknown,
    type = 'application/json',
  ): Promise<ApiAnswer> {
    return await api.send(method, path, body, { 'content-type': type });
  }

  return {
    pathOf,
    live,
    apply: async (object, manager) =>
      await send(
        'PATCH',
        `${await pathOf(object)}?force=true&fieldManager=${manager}`,
        object,
        'application/apply-patch+yaml',
      ),
    async applyByClient(object) {
      const query = 'fieldManager=kubectl-client-side-apply';
      const metadata = objectIn(object, 'metadata');
      const annotations = {
        ...objectIn(metadata, 'annotations'),
        [lastApplied]: `${JSON.stringify(object)}\n`,
      };
      const body = { ...object, metadata: { ...metadata, annotations } };
      const made = await send('POST', `${await collectionOf(object)}?${query}`, body);
      return made.status === 409
        ? await send(
            'PATCH',
            `${await pathOf(object)}?${query}`,
            body,
            'application/merge-patch+json',
          )
        : made;
    },
    edit: async (object, change) =>
      await send(
        'PUT',
        `${await pathOf(object)}?fieldManager=kubectl-edit`,
        change(await live(object)),
      ),
    patch: async (object, change, manager) =>
      await send(
        'PATCH',
        `${await pathOf(object)}?fieldManager=${manager}`,
        change,
        'application/merge-patch+json',
      ),
    scale: async (object, replicas, manager) =>
      await send(
        'PATCH',
        `${await pathOf(object)}/scale?fieldManager=${manager}`,
        { spec: { replicas } },
        'application/merge-patch+json',
      ),
    async remove(object) {
      await api.send('DELETE', `${await pathOf(object)}?propagationPolicy=Background`);
    },
  };
}

/** The objects of a manifest. */
export function objectsIn(file: string): readonly JsonObject[] {
  return parseDocuments(readFileSync(file, 'utf8')).documents.flatMap(({ value }) => opened(value));
}

function opened(value: unknown): readonly JsonObject[] {
  const object = value as JsonObject | null;
  if (stringIn(object, 'kind')?.endsWith('List') === true) {
    return ((object as { items?: readonly JsonObject[] }).items ?? []).flatMap(opened);
  }
  const isObject = stringIn(object, 'apiVersion') !== undefined && stringIn(object, 'kind');
  return object === null || !isObject ? [] : [object];
}

/** `Kind ns/name`, as reports name an object. */
export function nameOf(object: JsonObject): string {
  const known = readResource(object);
  const kind = stringIn(object, 'kind') ?? '';
  const name = stringIn(object, 'metadata', 'name') ?? '';
  const namespace = stringIn(object, 'metadata', 'namespace') ?? 'default';
  return describeReference(known ?? { kind, namespace, name });
}
