import { isObject, member, objectIn, stringIn, type Json, type JsonObject } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';
import { readLooseYaml } from '../core/yaml.ts';
import { defaultClusterDomain } from './hosts.ts';
import type { Mesh } from './mesh.ts';

/** Where istiod runs, and mesh-wide resources are, unless told otherwise. */
const defaultRootNamespace = 'istio-system';
const empty: JsonObject = Object.freeze({});
const snakeNames = new Map<string, string>();
const parsed = new WeakMap<Resource, Map<string, JsonObject>>();

/** The namespace of istiod with its ConfigMaps; mesh-wide resources are in {@link meshWideNamespace}. */
export function rootNamespace(mesh: Mesh): string {
  return mesh.facts.rootNamespace ?? defaultRootNamespace;
}

/** The namespace of mesh-wide resources: the `rootNamespace` of the mesh config, else that of istiod. */
export function meshWideNamespace(mesh: Mesh): string {
  const configured = protoMember(meshConfig(mesh), 'rootNamespace');
  return typeof configured === 'string' && configured !== '' ? configured : rootNamespace(mesh);
}

/** The DNS suffix of Services. */
export function clusterDomain(mesh: Mesh): string {
  return mesh.facts.clusterDomain ?? defaultClusterDomain;
}

/** The mesh config of ConfigMap `istio` in the root namespace; an empty object, that is Istio's defaults, without it. */
export function meshConfig(mesh: Mesh): JsonObject {
  return configMapYaml(mesh, 'istio', 'mesh');
}

/** The networks of the same ConfigMap, key `meshNetworks`; empty without it. */
export function meshNetworksConfig(mesh: Mesh): JsonObject {
  return configMapYaml(mesh, 'istio', 'meshNetworks');
}

/** Whether an object is the ConfigMap that holds the mesh config. */
export function isMeshConfig(resource: Resource, mesh: Mesh): boolean {
  return (
    resource.type === 'ConfigMap' &&
    resource.name === 'istio' &&
    resource.namespace === rootNamespace(mesh)
  );
}

/** The injector's values (`global.proxy.lifecycle`, ...) of ConfigMap `istio-sidecar-injector`; empty without it. */
export function injectorValues(mesh: Mesh): JsonObject {
  return configMapYaml(mesh, 'istio-sidecar-injector', 'values');
}

/** The injector's own configuration (`policy`, selectors) of ConfigMap `istio-sidecar-injector`; empty without it. */
export function injectorConfig(mesh: Mesh): JsonObject {
  return configMapYaml(mesh, 'istio-sidecar-injector', 'config');
}

/** A member of a protobuf message in JSON form, which Istio reads in camel case and in snake case. */
export function protoMember(value: unknown, camelCase: string): Json | undefined {
  return member(value, camelCase) ?? member(value, snakeName(camelCase));
}

/** Field names are few and fixed, so each is spelt once. */
function snakeName(camelCase: string): string {
  let name = snakeNames.get(camelCase);
  if (name === undefined) {
    name = snakeCase(camelCase);
    snakeNames.set(camelCase, name);
  }
  return name;
}

/** `terminationDrainDuration` as `termination_drain_duration`. */
export function snakeCase(camelCase: string): string {
  return camelCase.replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Istio's version as `[major, minor]`. Unknown or unreadable: the newest supported, since a newer default is the more
 * likely one from then on.
 */
export function istioVersion(mesh: Mesh): readonly [number, number] {
  const [, major, minor] = /^(\d+)\.(\d+)/u.exec(mesh.facts.istioVersion ?? '') ?? [];
  return major === undefined || minor === undefined ? [1, 31] : [Number(major), Number(minor)];
}

/** Whether the mesh runs this version of Istio or a newer one. */
export function atLeastIstio(mesh: Mesh, major: number, minor: number): boolean {
  const [haveMajor, haveMinor] = istioVersion(mesh);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

function configMapYaml(mesh: Mesh, name: string, key: string): JsonObject {
  const configMap = mesh.get('ConfigMap', rootNamespace(mesh), name);
  return configMap === undefined ? empty : yamlIn(configMap, key);
}

/** The YAML object under a key of a ConfigMap's data; empty where there is none. */
export function yamlIn(configMap: Resource, key: string): JsonObject {
  let byKey = parsed.get(configMap);
  if (byKey === undefined) {
    byKey = new Map();
    parsed.set(configMap, byKey);
  }
  let value = byKey.get(key);
  if (value === undefined) {
    const reading = readLooseYaml(stringIn(objectIn(configMap.object, 'data'), key) ?? '');
    value = 'value' in reading && isObject(reading.value) ? reading.value : empty;
    byKey.set(key, value);
  }
  return value;
}
