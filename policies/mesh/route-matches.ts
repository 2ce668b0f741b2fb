import { listIn, numberIn, stringIn, stringMapIn, type Json } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { matchesLabels, type Labels } from './labels.ts';

/** The parts of a VirtualService that route, each for protocols of its own. */
export type RouteSection = 'http' | 'tls' | 'tcp';

/** A proxy, as far as the matches of a VirtualService ask who sends. */
export interface RouteSender {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A port of a host and the section that counts there; undefined: a port that no match names. */
export interface RoutePlace {
  readonly section: RouteSection;
  readonly port: number | undefined;
}

/** All parts of a VirtualService that route. */
export const routeSections: readonly RouteSection[] = ['http', 'tls', 'tcp'];

/** Whether a match is for what a proxy of the mesh sends to a port: by its gateways too, and by the namespace and labels of who sends. */
export function isMatchFor(
  match: Json,
  port: number | undefined,
  { namespace, labels }: RouteSender,
): boolean {
  const gateways = listIn(match, 'gateways');
  const source = stringIn(match, 'sourceNamespace') ?? '';
  return (
    (numberIn(match, 'port') ?? port) === port &&
    (gateways.length === 0 || gateways.includes('mesh')) &&
    (source === '' || source === namespace) &&
    matchesLabels(stringMapIn(match, 'sourceLabels'), labels)
  );
}

/**
 * Whether a VirtualService has a rule for a sender at a place. Without one it is as if it were not there, and the
 * next for the host counts. Source: Istio `pilot/pkg/networking/core/route/route.go`, observed.
 */
export function routesAt(
  virtualService: Resource,
  { section, port }: RoutePlace,
  sender: RouteSender,
): boolean {
  return listIn(virtualService.object, 'spec', section).some((rule) => {
    const matches = listIn(rule, 'match');
    return matches.length === 0
      ? section !== 'tls'
      : matches.some((match) => isMatchFor(match, port, sender));
  });
}

/** The matches of all rules of a section. */
export function matchesIn(virtualService: Resource, section: RouteSection): readonly Json[] {
  return listIn(virtualService.object, 'spec', section).flatMap((rule) => listIn(rule, 'match'));
}
