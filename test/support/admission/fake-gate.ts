import * as z from 'zod';
import type { Mode } from '../../../policies/core/finding.ts';
import { numberIn, objectIn, stringIn, valueIn } from '../../../policies/core/json.ts';
import type { KindName } from '../../../policies/core/kinds.ts';
import { planPolicies } from '../../../policies/core/plan.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import type { Report, Subject } from '../../../policies/core/policy.ts';
import { readResource } from '../../../policies/core/resource.ts';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import { definePolicy } from '../../../policies/mesh/define-policy.ts';
import { createMesh } from '../../../policies/mesh/index-objects.ts';
import type { Mesh, MeshPolicy, MutableMesh } from '../../../policies/mesh/mesh.ts';
import type { GateContext } from '../../../webhooks/admission/gate.ts';
import type { AdmissionRequest } from '../../../webhooks/admission/request.ts';

/** A policy for tests: judges these kinds by a function. */
export function fakePolicy(
  id: string,
  subjects: readonly KindName[],
  check: (subject: Subject, mesh: Mesh) => readonly Report[],
): MeshPolicy {
  return definePolicy({
    id,
    title: id,
    why: 'For tests.',
    sources: [],
    severity: 'error',
    subjects,
    fills: true,
    consults: [],
    cost: 'none',
    params: z.object({}),
    messages: { broken: { text: 'It is {how}.', remedy: 'Mend it.' } },
    equivalents: [],
    check: (subject, mesh) => check(subject, mesh) as readonly Report<'broken'>[],
    examples: [],
  });
}

/** Wants `terminationGracePeriodSeconds` of 60 at least, on Pods and in templates, and can fill it in. */
export const wantsGrace = fakePolicy(
  'test/grace',
  ['Pod', 'Deployment', 'ReplicaSet'],
  (subject) => {
    const { type, object } = subject.resource;
    const spec = type === 'Pod' ? ['spec'] : ['spec', 'template', 'spec'];
    const grace = numberIn(object, ...spec, 'terminationGracePeriodSeconds') ?? 30;
    const at = pointer(...spec, 'terminationGracePeriodSeconds');
    const value = 60;
    const kind = grace === 30 ? 'fill' : 'replacement';
    return grace >= value
      ? []
      : [
          {
            message: 'broken',
            at,
            data: { how: `only ${String(grace)} s` },
            fix: { kind, changes: [{ at, value }], filled: [{ at, value }] },
          },
        ];
  },
);

/** Forbids the label `bad` anywhere in metadata or in the spec of an Istio object, without a fix. */
export const forbidsBad = fakePolicy(
  'test/bad',
  ['Pod', 'Deployment', 'ReplicaSet', 'Namespace', 'Service', 'DestinationRule'],
  ({ resource: { object } }) => {
    const template = valueIn(object, 'spec', 'template', 'metadata', 'labels', 'bad');
    const own = valueIn(object, 'metadata', 'labels', 'bad');
    const spec = valueIn(object, 'spec', 'bad');
    return [
      ...(template === undefined
        ? []
        : [bad(pointer('spec', 'template', 'metadata', 'labels', 'bad'))]),
      ...(own === undefined ? [] : [bad(pointer('metadata', 'labels', 'bad'))]),
      ...(spec === undefined ? [] : [bad(pointer('spec', 'bad'))]),
    ];
  },
);

/** Wants every DestinationRule of a namespace to name another host: only the whole mesh can tell. */
export const wantsOneHost = fakePolicy(
  'test/one-host',
  ['DestinationRule'],
  ({ resource }, mesh) => {
    const host = stringIn(resource.object, 'spec', 'host');
    const same = [...mesh.inNamespace('DestinationRule', resource.namespace)].filter(
      (other) => stringIn(other.object, 'spec', 'host') === host,
    );
    return same.length > 1 ? [bad(pointer('spec', 'host'))] : [];
  },
);

/** A context of a gate over these policies, all in one mode. */
export function fakeContext(
  catalogue: readonly MeshPolicy[],
  mode: Mode,
  objects: readonly unknown[] = [],
): GateContext {
  const mesh: MutableMesh = createMesh({});
  for (const object of objects) {
    const resource = readResource(object);
    if (resource !== undefined) {
      mesh.put(resource);
    }
  }
  const sorted = catalogue.toSorted((left, right) => (left.id < right.id ? -1 : 1));
  const policies = Object.fromEntries(sorted.map(({ id }) => [id, { mode }]));
  return {
    mesh,
    plan: planPolicies({
      catalogue: sorted,
      settings: { ...defaultSettings, policies },
      gate: 'admission',
      now: 0,
      namespaceLabels: (namespace) => mesh.get('Namespace', '', namespace)?.labels,
    }),
    fill: true,
    ownNamespace: 'meshgate-system',
  };
}

/** A request about an object of a kind of ours; the kind is read from the object. */
export function requestFor(
  object: unknown,
  changes: Partial<AdmissionRequest> = {},
): AdmissionRequest {
  const apiVersion = stringIn(object, 'apiVersion') ?? 'v1';
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    uid: 'u-1',
    operation: 'CREATE',
    kind: { group: group ?? '', version: version ?? '', kind: stringIn(object, 'kind') ?? '' },
    subResource: '',
    namespace: stringIn(object, 'metadata', 'namespace') ?? 'shop',
    name: stringIn(object, 'metadata', 'name') ?? '',
    userName: 'jane',
    dryRun: false,
    object: objectIn({ object }, 'object'),
    oldObject: undefined,
    ...changes,
  };
}

/** The AdmissionReview that carries a request. */
export function reviewOf(request: AdmissionRequest): string {
  const { userName, ...rest } = request;
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...rest,
      object: request.object ?? null,
      oldObject: request.oldObject ?? null,
      userInfo: { username: userName },
    },
  });
}

function bad(at: Report['at']): Report {
  return { message: 'broken', at, data: { how: 'bad' } };
}
