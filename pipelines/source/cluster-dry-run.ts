import { isObject, objectIn, type JsonObject } from '../../policies/core/json.ts';
import type { ObjectReference } from '../../policies/core/resource.ts';
import { storedFields } from '../drift/stored-fields.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { describeRefusal } from './cluster-refusal.ts';
import { objectPath, type ServedResources } from './cluster-served.ts';

/** Under this name it is asked, so that nobody else's fields are dropped. */
const manager = 'meshgate-drift';

/**
 * What the API server would make of a declared object, by a server-side apply that stores nothing: values as it writes
 * them, after its defaults, conversions and webhooks, and only where Git declares something. Only for an object that
 * exists. Rejects with the reason where it is refused.
 */
export async function predictStored(
  reference: ObjectReference,
  declared: JsonObject,
  reader: ClusterReader,
  served: ServedResources,
): Promise<JsonObject> {
  const resource = await served.find(reference);
  if ('why' in resource) {
    throw new Error(resource.why);
  }
  const { status: _, ...stated } = declared;
  const { name, namespace } = reference;
  const { labels, annotations } = objectIn(declared, 'metadata');
  const body = {
    ...stated,
    metadata: {
      name,
      ...(resource.namespaced ? { namespace } : {}),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
  let stored: unknown;
  try {
    stored = await reader.applyDry(objectPath(resource, reference), body, manager);
  } catch (error) {
    throw new Error(describeRefusal(error, 'patch', resource), { cause: error });
  }
  const fields = isObject(stored) ? storedFields(stored, manager) : undefined;
  if (fields === undefined) {
    throw new Error('the API server did not say what it would store');
  }
  return fields;
}
