import type { Json, JsonObject } from '../../../policies/core/json.ts';
import { below, fallback, kept, quantity, type ShapeTable } from './shape.ts';

const mode = fallback(420);

const item: ShapeTable = {
  'items[].fieldRef.apiVersion': fallback('v1'),
  'items[].resourceFieldRef.divisor': { ...fallback('0'), ...quantity },
};

/** A claim, alone or as a template. */
export const claimSpec: ShapeTable = {
  volumeMode: fallback('Filesystem'),
  'resources.requests.*': quantity,
  'resources.limits.*': quantity,
};

/** A volume of a Pod. Source: Kubernetes `pkg/apis/core/v1/defaults.go`, `SetDefaults_Volume` and those of its sources. */
export const volume: ShapeTable = {
  emptyDir: { ...fallback(emptyWithoutSource), ...kept },
  'emptyDir.sizeLimit': quantity,
  'secret.defaultMode': { ...mode, ...kept },
  'secret.optional': kept,
  'configMap.defaultMode': { ...mode, ...kept },
  'configMap.optional': kept,
  'downwardAPI.defaultMode': { ...mode, ...kept },
  ...below('downwardAPI', item),
  'projected.defaultMode': { ...mode, ...kept },
  'projected.sources[].serviceAccountToken.expirationSeconds': fallback(3600),
  ...below('projected.sources[].downwardAPI', item),
  'hostPath.type': fallback(''),
  'iscsi.iscsiInterface': fallback('default'),
  ...below('ephemeral.volumeClaimTemplate.spec', claimSpec),
};

/** A volume that names no source is an empty folder. */
function emptyWithoutSource(parent: JsonObject): Json | undefined {
  return Object.keys(parent).some((key) => key !== 'name') ? undefined : {};
}
