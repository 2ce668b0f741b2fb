import { listIn, numberIn, stringIn, valueIn, type Json } from '../../policies/core/json.ts';
import { brief, listed } from './meaning-statement.ts';

/** What share of a rule's traffic each destination gets, in percent. */
export type Shares = ReadonlyMap<string, number>;

/** The shares of a rule of a VirtualService (`route`) or of a Gateway API route (`backendRefs`). */
export function sharesOf(rule: Json): Shares {
  const routes = listIn(rule, 'route');
  return routes.length > 0
    ? shares(routes.map((route) => [virtualDestination(route), numberIn(route, 'weight') ?? 0]))
    : shares(
        listIn(rule, 'backendRefs').map((backend) => [
          backendName(backend),
          numberIn(backend, 'weight') ?? 1,
        ]),
      );
}

/** `reviews subset v1 from 90% to 50%`, for every destination whose share differs; sorted by destination. */
export function shiftsOf(before: Shares, after: Shares): readonly string[] {
  const [[was], [is]] = [[...before.keys()], [...after.keys()]];
  if (before.size === 1 && after.size === 1 && was !== is) {
    return [`to ${is ?? ''} instead of ${was ?? ''}`];
  }
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((destination) => {
    const [was, is] = [before.get(destination), after.get(destination)];
    if (was === is) {
      return [];
    }
    if (was === undefined) {
      return [`${destination} is new with ${percent(is ?? 0)}`];
    }
    return is === undefined
      ? [`${destination} is removed (had ${percent(was)})`]
      : [`${destination} from ${percent(was)} to ${percent(is)}`];
  });
}

/** `reviews subset v1 90%`, sorted by destination. */
export function describeShares(found: Shares): readonly string[] {
  return [...found].map(([destination, share]) => `${destination} ${percent(share)}`).sort();
}

function shares(weighted: readonly (readonly [string, number])[]): Shares {
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  const found = new Map<string, number>();
  for (const [destination, weight] of weighted) {
    const share = shareOf(weight, total, weighted.length);
    found.set(destination, (found.get(destination) ?? 0) + share);
  }
  return found;
}

function virtualDestination(route: Json): string {
  const destination = valueIn(route, 'destination');
  const subset = stringIn(destination, 'subset');
  const port = numberIn(destination, 'port', 'number');
  return brief(
    `${stringIn(destination, 'host') ?? ''}${port === undefined ? '' : `:${String(port)}`}${subset === undefined ? '' : ` subset ${subset}`}`,
  );
}

function backendName(backend: Json): string {
  const kind = stringIn(backend, 'kind') ?? 'Service';
  const namespace = stringIn(backend, 'namespace');
  const port = numberIn(backend, 'port');
  return brief(
    `${kind === 'Service' ? '' : `${kind} `}${namespace === undefined ? '' : `${namespace}/`}${stringIn(backend, 'name') ?? ''}${port === undefined ? '' : `:${String(port)}`}`,
  );
}

/** In percent. A single destination gets everything, whatever its weight says. */
function shareOf(weight: number, total: number, destinations: number): number {
  if (destinations === 1) {
    return 100;
  }
  return total > 0 ? (weight / total) * 100 : 0;
}

function percent(share: number): string {
  return `${String(Math.round(share * 10) / 10)}%`;
}

/** Each host that a rule of a VirtualService sends to, with the shares of its subsets: `v1 90%, v2 10%`. */
export function shareTexts(rule: Json): ReadonlyMap<string, string> {
  const routes = listIn(rule, 'route');
  const total = routes.reduce<number>((sum, route) => sum + (numberIn(route, 'weight') ?? 0), 0);
  const texts = new Map<string, string[]>();
  for (const route of routes) {
    const host = stringIn(route, 'destination', 'host') ?? '';
    const subset = stringIn(route, 'destination', 'subset');
    const weight = numberIn(route, 'weight') ?? 0;
    const share = shareOf(weight, total, routes.length);
    const text = `${subset === undefined ? '' : `${brief(subset)} `}${percent(share)}`;
    texts.set(host, [...(texts.get(host) ?? []), text]);
  }
  return new Map([...texts].map(([host, shown]) => [host, listed(shown.sort())]));
}
