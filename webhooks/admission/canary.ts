import { stringIn, stringMapIn, type JsonObject } from '../../policies/core/json.ts';
import { leave, type GateAnswer } from './gate.ts';
import type { AdmissionRequest } from './request.ts';
import { denied } from './respond.ts';

/** The label by which the canary is sent to us, and nothing else is. */
export const canaryLabel = 'meshgate.dev/canary';

const canaryName = 'meshgate-canary';
const markKey = 'mark';

/** The known-bad object: nobody stores it, and our denial of it repeats the mark. */
export function canaryObject(namespace: string, mark: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: canaryName, namespace, labels: { [canaryLabel]: 'true' } },
    data: { [markKey]: mark },
  };
}

/** What our denial of the canary with a mark says. */
export function canaryDenial(mark: string): string {
  return `meshgate was asked whether it answers, and does: ${mark}`;
}

/** The denial of a canary; undefined for every other request. Only a dry run is one, so nobody's object is. */
export function answerCanary(
  { kind, object, dryRun, namespace }: AdmissionRequest,
  ownNamespace: string,
): GateAnswer | undefined {
  const labels = stringMapIn(object, 'metadata', 'labels');
  if (
    !dryRun ||
    kind.kind !== 'ConfigMap' ||
    namespace !== ownNamespace ||
    labels[canaryLabel] !== 'true'
  ) {
    return undefined;
  }
  const mark = (stringIn(object, 'data', markKey) ?? '').replaceAll(/[^\w-]/gu, '').slice(0, 64);
  return { ...leave('canary', denied(canaryDenial(mark))), verdict: 'denied' };
}
