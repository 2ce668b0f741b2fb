import { listIn, member, stringIn } from '../../policies/core/json.ts';
import { ApiStatusError } from './cluster-transport.ts';
import type { ClusterReader } from './cluster-reader.ts';

/** A kind at the version in which it is asked for. */
interface VersionedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Where the API server has the objects of a kind. */
export interface ServedResource extends VersionedKind {
  /** `/apis/GROUP/VERSION`. */
  readonly apiPath: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/** Why a kind is not to be had; `absent` where the API server knows it in no version. */
interface NotServed {
  readonly why: string;
  readonly absent: boolean;
}

/** Finds resources by kind and version, and asks for each group and version once. */
export interface ServedResources {
  find(wanted: VersionedKind): Promise<ServedResource | NotServed>;
}

/** What an API server serves, as far as it is asked for. `find` rejects where the API server cannot be asked. */
export function servedResources(reader: ClusterReader): ServedResources {
  const answers = new Map<string, Promise<unknown>>();

  function ask(path: string): Promise<unknown> {
    let answer = answers.get(path);
    if (answer === undefined) {
      answer = getOrNothing(reader, path);
      answers.set(path, answer);
    }
    return answer;
  }

  async function resourceOf(wanted: VersionedKind): Promise<ServedResource | undefined> {
    const apiPath = apiPathOf(wanted.apiVersion);
    const found = listIn(await ask(apiPath), 'resources').find(
      (entry) =>
        member(entry, 'kind') === wanted.kind &&
        stringIn(entry, 'name')?.includes('/') === false &&
        listIn(entry, 'verbs').includes('list'),
    );
    return found === undefined
      ? undefined
      : {
          ...wanted,
          apiPath,
          plural: stringIn(found, 'name') ?? '',
          namespaced: member(found, 'namespaced') === true,
        };
  }

  return {
    async find(wanted) {
      const found = await resourceOf(wanted);
      if (found !== undefined) {
        return found;
      }
      const slash = wanted.apiVersion.indexOf('/');
      const group = slash < 0 ? '' : wanted.apiVersion.slice(0, slash);
      const versions = group === '' ? [] : listIn(await ask(`/apis/${group}`), 'versions');
      const served: string[] = [];
      for (const version of versions) {
        const apiVersion = stringIn(version, 'groupVersion') ?? '';
        if ((await resourceOf({ ...wanted, apiVersion })) !== undefined) {
          served.push(apiVersion);
        }
      }
      return served.length === 0
        ? {
            absent: true,
            why: `the API server does not serve ${wanted.kind} of ${wanted.apiVersion}`,
          }
        : {
            absent: false,
            why: `the API server no longer serves ${wanted.kind} in ${wanted.apiVersion}: declare it in ${served.join(' or ')}`,
          };
    },
  };
}

/** Path of the list of all objects of a resource. */
export function listPath({ apiPath, plural }: ServedResource): string {
  return `${apiPath}/${plural}`;
}

/** Path of one object of a resource. */
export function objectPath(
  { apiPath, plural, namespaced }: ServedResource,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string {
  const place = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${apiPath}${place}/${plural}/${encodeURIComponent(name)}`;
}

function apiPathOf(apiVersion: string): string {
  const path = apiVersion.split('/').map(encodeURIComponent).join('/');
  return apiVersion.includes('/') ? `/apis/${path}` : `/api/${path}`;
}

async function getOrNothing(reader: ClusterReader, path: string): Promise<unknown> {
  try {
    return await reader.get(path);
  } catch (error) {
    if (error instanceof ApiStatusError && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}
