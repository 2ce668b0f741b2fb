import { listIn, stringIn, type Json } from '../../policies/core/json.ts';
import type { KindName } from '../../policies/core/kinds.ts';
import type { ClusterClient } from './cluster-client.ts';
import type { ServedKind } from './cluster-discovery.ts';
import { isMadeByWorkload } from './cluster-objects.ts';
import { createTurns } from './turns.ts';

/** A page of a list. */
export interface ListedPage {
  /** Whole objects; what a workload's controller made may come with its metadata alone. */
  readonly items: readonly Json[];
  /** The state of the cluster that all pages of the list are of. */
  readonly resourceVersion: string;
}

interface Query {
  readonly limit: string;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly fieldSelector?: string;
}

/** Of these most are made by a workload's controller in most clusters, so they are listed by their metadata at first. */
const mostlyMade: ReadonlySet<KindName> = new Set<KindName>(['Pod', 'ReplicaSet', 'Job']);
const pageSize = 250;
/** Objects of a page that are read by name; where more are wanted, the whole page costs less. */
const mostByName = 12;
const namesAtOnce = 4;

/**
 * Lists all objects of a kind, page by page, as they were in one state of the cluster. Rejects with 410 where the API
 * server keeps that state no more.
 */
export async function* listPages(
  served: ServedKind,
  client: ClusterClient,
  signal: AbortSignal,
): AsyncGenerator<ListedPage, void, undefined> {
  const isMostlyMade = mostlyMade.has(served.type);
  let next = '';
  do {
    const query = { limit: String(pageSize), ...(next === '' ? {} : { continue: next }) };
    const path = pathOf(served.path, query);
    const page = await (isMostlyMade
      ? client.listMetadata(path, signal)
      : client.list(path, signal));
    const resourceVersion = stringIn(page, 'metadata', 'resourceVersion') ?? '';
    const isMetadata = stringIn(page, 'kind') === 'PartialObjectMetadataList';
    const items = isMetadata
      ? await completed(listIn(page, 'items'), { served, client, signal, query, resourceVersion })
      : listIn(page, 'items');
    next = stringIn(page, 'metadata', 'continue') ?? '';
    yield { items, resourceVersion };
  } while (next !== '');
}

interface MetadataPage {
  readonly served: ServedKind;
  readonly client: ClusterClient;
  readonly signal: AbortSignal;
  readonly query: Query;
  readonly resourceVersion: string;
}

/** The page with whole objects where they are held. They are asked for in the state of the list, so none is newer or gone. */
async function completed(items: readonly Json[], page: MetadataPage): Promise<readonly Json[]> {
  const { served, client, signal, query, resourceVersion } = page;
  const wanted = items.filter((item) => !isMadeByWorkload(item));
  const exactly = { resourceVersion, resourceVersionMatch: 'Exact' };
  if (wanted.length > mostByName) {
    // The token of a page tells its state already.
    const same = query.continue === undefined ? { ...query, ...exactly } : query;
    return listIn(await client.list(pathOf(served.path, same), signal), 'items');
  }
  const inTurn = createTurns(namesAtOnce);
  const found = await Promise.all(
    wanted.map((item) =>
      inTurn(async () => {
        const fieldSelector = `metadata.name=${stringIn(item, 'metadata', 'name') ?? ''}`;
        const path = pathOf(placeOf(item, served.path), { limit: '1', fieldSelector, ...exactly });
        return listIn(await client.list(path, signal), 'items');
      }),
    ),
  );
  return [...items.filter(isMadeByWorkload), ...found.flat()];
}

/** In its namespace an object is found by name without a search. */
function placeOf(item: Json, path: string): string {
  const namespace = stringIn(item, 'metadata', 'namespace') ?? '';
  const slash = path.lastIndexOf('/');
  return `${path.slice(0, slash)}/namespaces/${namespace}${path.slice(slash)}`;
}

function pathOf(path: string, query: Query): string {
  return `${path}?${new URLSearchParams({ ...query }).toString()}`;
}
