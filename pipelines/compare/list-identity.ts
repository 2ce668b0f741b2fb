import { isObject, valueIn, type Json } from '../../policies/core/json.ts';

/** How the elements of a list are told apart and whether their order means something. */
export interface ListRule {
  /** Fields that together name an element, the best set first; a set of which none is present names nothing. */
  readonly keys: readonly (readonly string[])[];
  readonly ordered: boolean;
}

function keyed(ordered: boolean, ...keys: readonly (readonly string[])[]): ListRule {
  return { keys, ordered };
}

const byName = keyed(false, ['name']);
const unnamed = keyed(false);
const fallback = keyed(true, ['name']);

/**
 * Lists of Kubernetes, Istio and Gateway API objects by the name of their field. Keys are those of the API types
 * (`+listMapKey`, `patchMergeKey`) or, for Istio, what its validation holds unique. A dot goes one level down.
 */
const rules: ReadonlyMap<string, ListRule> = new Map([
  ['containers', byName],
  ['initContainers', keyed(true, ['name'])],
  ['ephemeralContainers', byName],
  ['env', byName],
  ['volumes', byName],
  ['imagePullSecrets', byName],
  ['volumeMounts', keyed(false, ['mountPath'])],
  ['volumeDevices', keyed(false, ['devicePath'])],
  [
    'ports',
    keyed(false, ['containerPort', 'protocol'], ['port', 'protocol'], ['number'], ['name']),
  ],
  ['tolerations', keyed(false, ['key', 'operator', 'effect'])],
  ['topologySpreadConstraints', keyed(false, ['topologyKey', 'whenUnsatisfiable'])],
  ['hostAliases', keyed(false, ['ip'])],
  ['matchExpressions', keyed(false, ['key', 'operator'])],
  ['volumeClaimTemplates', keyed(false, ['metadata.name'])],
  ['webhooks', byName],
  ['ownerReferences', keyed(false, ['uid'])],
  ['servers', keyed(false, ['name'], ['port.number', 'port.name'], ['port.number'])],
  ['listeners', byName],
  ['subsets', byName],
  ['endpoints', keyed(false, ['address', 'network'], ['address'])],
  ['portLevelSettings', keyed(false, ['port.number'])],
  ['route', keyed(false, ['destination.host', 'destination.subset', 'destination.port.number'])],
  ['mirrors', keyed(false, ['destination.host', 'destination.subset', 'destination.port.number'])],
  ['parentRefs', keyed(false, ['kind', 'namespace', 'name', 'sectionName', 'port'])],
  ['backendRefs', keyed(false, ['kind', 'namespace', 'name', 'port'])],
  ['egress', keyed(true, ['port.number', 'bind'])],
  ['ingress', keyed(true, ['port.number', 'bind'])],
  ['jwtRules', keyed(false, ['issuer'])],
  ['match', unnamed],
  ['from', unnamed],
  ['to', unnamed],
  ['when', keyed(false, ['key'])],
]);

/** Lists of scalars in which only membership counts. */
const sets: ReadonlySet<string> = new Set(
  [
    'hosts hostnames sniHosts exportTo gateways addresses subjectAltNames finalizers accessModes audiences',
    'namespaces notNamespaces principals notPrincipals requestPrincipals notRequestPrincipals serviceAccounts',
    'methods notMethods paths notPaths ports notPorts values notValues destinationSubnets',
    'ipBlocks notIpBlocks remoteIpBlocks notRemoteIpBlocks externalIPs loadBalancerSourceRanges',
    'allowMethods allowHeaders exposeHeaders',
  ].flatMap((names) => names.split(' ')),
);

/** The rule for a list of objects, by the name of its field and the kind of the object around it. */
export function listRule(kind: string, field: string): ListRule {
  if (field === 'rules' && kind === 'AuthorizationPolicy') {
    return unnamed;
  }
  return rules.get(field) ?? fallback;
}

/** True for a list of scalars whose order means nothing. */
export function isSet(field: string): boolean {
  return sets.has(field);
}

/** The name of an element by one set of key fields; undefined where it has none of them. */
export function elementKey(element: Json, fields: readonly string[]): string | undefined {
  if (!isObject(element)) {
    return undefined;
  }
  const values = fields.map((field) => valueIn(element, ...field.split('.')));
  if (values.every((value) => value === undefined || value === null)) {
    return undefined;
  }
  return JSON.stringify(
    values.map((value, index) => value ?? (fields[index] === 'protocol' ? 'TCP' : null)),
  );
}
