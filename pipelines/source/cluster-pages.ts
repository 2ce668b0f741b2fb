import { isObject, stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { jsonList, type Span } from '../render/json-list.ts';
import { ApiStatusError } from './cluster-transport.ts';
import type { ClusterReader } from './cluster-reader.ts';
import { listPath, type ServedResource } from './cluster-served.ts';
import { giveBack, type OwnBytes } from './own-bytes.ts';

const pageSize = 500;

/** A list that has been begun: its first page is on the way. */
export type StartedList = () => AsyncGenerator<JsonObject, void, undefined>;

/** Its items are parsed one by one, so that no more than one of them is held. */
interface Page {
  readonly items: Iterable<Json>;
  readonly next: string;
}

/**
 * Begins to list all objects of a resource. One page is held while the next one is on the way, whatever their number. A
 * list whose history is gone begins again once; what was given before is not given twice. The iteration rejects where
 * the API server cannot go on.
 */
export function startList(reader: ClusterReader, resource: ServedResource): StartedList {
  const first = fetchPage(reader, resource, '');
  return async function* iterate() {
    const given = new Set<string>();
    let restarted = false;
    for (let pending = first; ;) {
      let page: Page;
      try {
        page = await pending;
      } catch (error) {
        if (restarted || !(error instanceof ApiStatusError) || error.status !== 410) {
          throw error;
        }
        restarted = true;
        pending = fetchPage(reader, resource, '');
        continue;
      }
      if (page.next !== '') {
        pending = fetchPage(reader, resource, page.next);
      }
      for (const item of page.items) {
        const object = objectOf(item, resource);
        const key = keyOf(object);
        if (!given.has(key)) {
          given.add(key);
          yield object;
        }
      }
      if (page.next === '') {
        return;
      }
    }
  };
}

function fetchPage(reader: ClusterReader, resource: ServedResource, token: string): Promise<Page> {
  const rest = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
  const page = reader.read(`${listPath(resource)}?limit=${String(pageSize)}${rest}`, toPage);
  // Whoever asks for the page is told; nobody may before the process would call it unhandled.
  page.catch(() => undefined);
  return page;
}

function toPage(bytes: OwnBytes): Page {
  const found = jsonList(bytes);
  if (found === undefined) {
    return emptyPage(JSON.parse(bytes.toString('utf8')));
  }
  return { items: parsedItems(bytes, found.items), next: nextOf(JSON.parse(found.rest)) };
}

/** Go writes no items as null. Whatever else has none is not taken for an empty list, of which everything is missing. */
function emptyPage(list: unknown): Page {
  if (!isObject(list) || !isObject(list['metadata']) || (list['items'] ?? null) !== null) {
    throw new SyntaxError('the answer is no list');
  }
  return { items: [], next: nextOf(list) };
}

function* parsedItems(bytes: OwnBytes, items: readonly Span[]): Generator<Json> {
  try {
    for (const { start, end } of items) {
      yield JSON.parse(bytes.toString('utf8', start, end)) as Json;
    }
  } finally {
    giveBack(bytes);
  }
}

function nextOf(list: unknown): string {
  return stringIn(list, 'metadata', 'continue') ?? '';
}

/** The items of a list of core kinds carry neither `apiVersion` nor `kind`. */
function objectOf(item: Json, { apiVersion, kind }: ServedResource): JsonObject {
  return { ...(isObject(item) ? item : {}), apiVersion, kind };
}

function keyOf(object: JsonObject): string {
  const namespace = stringIn(object, 'metadata', 'namespace') ?? '';
  return `${namespace}/${stringIn(object, 'metadata', 'name') ?? ''}`;
}
