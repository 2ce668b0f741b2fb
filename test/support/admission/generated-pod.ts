import type { JsonObject } from '../../../policies/core/json.ts';
import { objectIn, listIn } from '../../../policies/core/json.ts';
import type { AdmissionGate } from '../../../webhooks/admission/request.ts';
import type { Random } from '../random.ts';

/** What a controller makes Pods from. */
export interface PodTemplate {
  readonly generateName: string;
  readonly namespace: string;
  readonly metadata: JsonObject;
  readonly spec: JsonObject;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** What Kubernetes appends to a `generateName`. */
function randomSuffix(random: Random): string {
  return Array.from({ length: 5 }, () => alphabet[random.next(alphabet.length)]).join('');
}

/** A UUID by a seeded generator. */
function randomUid(random: Random): string {
  const digits = Array.from({ length: 32 }, () => random.next(16).toString(16)).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/u, '$1-$2-$3-$4-');
}

/**
 * The review of a Pod that a ReplicaSet's controller makes of a template, member by member in the order in which the
 * API server writes them: without a name at the mutating gate, with one at the validating gate.
 */
export function generatedPodReview(
  { generateName, namespace, metadata, spec }: PodTemplate,
  gate: AdmissionGate,
  random: Random,
): string {
  const name = gate === 'validate' ? { name: `${generateName}${randomSuffix(random)}` } : {};
  const given =
    gate === 'validate'
      ? {
          uid: randomUid(random),
          generation: 1,
          creationTimestamp: `2026-11-23T04:14:${String(10 + random.next(50))}Z`,
        }
      : {};
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: generateName.slice(0, -1),
    uid: '3e403376-31a2-4082-b461-6a2b61853c20',
    controller: true,
  };
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUid(random),
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      ...name,
      namespace,
      operation: 'CREATE',
      userInfo: { username: 'system:serviceaccount:kube-system:replicaset-controller' },
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: {
          ...name,
          generateName,
          namespace,
          ...given,
          ...metadata,
          ownerReferences: [owner],
        },
        spec: withTokenVolume(spec, `kube-api-access-${randomSuffix(random)}`),
      },
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  });
}

function withTokenVolume(spec: JsonObject, name: string): JsonObject {
  const mount = {
    name,
    readOnly: true,
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  };
  return {
    terminationGracePeriodSeconds: 30,
    ...spec,
    volumes: [...listIn(spec, 'volumes'), { name, projected: { sources: [] } }],
    containers: listIn(spec, 'containers').map((container) => ({
      ...objectIn({ container }, 'container'),
      volumeMounts: [...listIn(container, 'volumeMounts'), mount],
    })),
  };
}
