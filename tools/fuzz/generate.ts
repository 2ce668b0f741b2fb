import { objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import type { Random } from '../../test/support/random.ts';
import { requestFor, reviewOf } from '../../test/support/admission/fake-gate.ts';
import type { AdmissionGate } from '../../webhooks/admission/request.ts';
import { damage, expand, mutateOnce, type Tree } from './mutations.ts';
import type { FuzzSubject } from './subjects.ts';

/** A generated call of the gate. */
export interface FuzzCall {
  readonly gate: AdmissionGate;
  readonly body: Buffer;
  readonly subject: FuzzSubject;
}

const operations = ['CREATE', 'UPDATE', 'UPDATE', 'DELETE', 'CONNECT'] as const;
const subResources = ['', '', '', 'status', 'ephemeralcontainers', 'scale'] as const;

/** Makes a call: a review of an object of an example, changed in up to six places, now and then damaged as bytes. */
export function generateCall(subjects: readonly FuzzSubject[], random: Random): FuzzCall {
  const subject = random.pick(subjects as [FuzzSubject, ...FuzzSubject[]]);
  const object = anObject(subject, random);
  const elsewhere = anObject(random.pick(subjects as [FuzzSubject, ...FuzzSubject[]]), random);
  const request = requestFor(object, {
    uid: `fuzz-${String(random.next(1e9))}`,
    operation: random.chance(0.6) ? 'CREATE' : random.pick(operations),
    subResource: random.chance(0.95) ? '' : random.pick(subResources),
    userName: random.chance(0.5)
      ? 'jane'
      : 'system:serviceaccount:kube-system:replicaset-controller',
    dryRun: random.chance(0.1),
    oldObject: random.chance(0.4) ? anObject(subject, random) : undefined,
  });
  const review = JSON.parse(reviewOf(request)) as Tree & {
    request: Tree & { object: Tree | null };
  };
  const changes = random.chance(0.25) ? 0 : 1 + random.next(6);
  for (let change = 0; change < changes; change += 1) {
    mutateOnce(placeOf(review, random), elsewhere, random);
  }
  const text = expand(JSON.stringify(review));
  return {
    gate: random.chance(0.5) ? 'mutate' : 'validate',
    body: random.chance(0.05) ? damage(text, random) : Buffer.from(text),
    subject,
  };
}

/** Mostly within the object, now and then in what carries it. */
function placeOf(review: Tree & { request: Tree & { object: Tree | null } }, random: Random): Tree {
  const request: unknown = review.request;
  const object = (request as { object?: unknown } | null)?.object;
  if (typeof object === 'object' && object !== null && random.chance(0.9)) {
    return object as Tree;
  }
  const isTree = typeof request === 'object' && request !== null;
  return isTree && random.chance(0.8) ? (request as Tree) : review;
}

function anObject({ objects }: FuzzSubject, random: Random): JsonObject {
  const object = random.pick(objects as [JsonObject, ...JsonObject[]]);
  return random.chance(0.7) ? (podOf(object) ?? object) : object;
}

/** The Pod that a controller makes of its template, as the API server defaults it. */
function podOf(object: JsonObject): JsonObject | undefined {
  const template = objectIn(object, 'spec', 'template');
  if (!Object.hasOwn(template, 'spec')) {
    return undefined;
  }
  const metadata = {
    ...objectIn(template, 'metadata'),
    namespace: stringIn(object, 'metadata', 'namespace') ?? 'default',
    generateName: 'fuzz-',
  };
  const spec = { terminationGracePeriodSeconds: 30, ...objectIn(template, 'spec') };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec };
}
