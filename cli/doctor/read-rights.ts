import { reportKinds, type ReportGroup } from '../../pipelines/present/openreports.ts';
import { compareText } from '../../policies/core/resource.ts';
import { kindInfo } from '../../policies/core/kinds.ts';
import { valueIn } from '../../policies/core/json.ts';
import { catalogue } from '../../policies/index.ts';
import { mutatingName, validatingName } from '../../webhooks/registration/registration.ts';
import type { Reading, Right } from '../../webhooks/doctor/snapshot.ts';
import { consultedKinds } from '../serve/mesh-source.ts';
import type { ClusterReader } from './reader.ts';

/** Whose rights are asked for, and what its state is kept in. */
export interface RightsQuestion {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly rootNamespace: string;
  /** Name of the Secret that it writes; undefined where somebody else makes the certificate. */
  readonly secret: string | undefined;
  readonly lease: string | undefined;
  readonly audit: AuditQuestion;
}

/** What the background audit writes, by the arguments of the Deployment. */
export interface AuditQuestion {
  readonly isOn: boolean;
  /** Group of the reports; undefined where it writes none. */
  readonly reports: string | undefined;
}

const admission = 'admissionregistration.k8s.io';
const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const atOnce = 8;

/** The rights that meshgate needs and does not have; asks for each. */
export async function readMissingRights(
  reader: ClusterReader,
  question: RightsQuestion,
): Promise<Reading<readonly Right[]>> {
  const missing: Right[] = [];
  const needed = neededRights(question);
  for (let from = 0; from < needed.length; from += atOnce) {
    const asked = needed.slice(from, from + atOnce);
    const answers = await Promise.all(
      asked.map((right) => reader.ask(reviews, review(right, question))),
    );
    for (const [index, answer] of answers.entries()) {
      if ('unread' in answer) {
        return answer;
      }
      const right = asked[index];
      if (right !== undefined && valueIn(answer.value, 'status', 'allowed') !== true) {
        missing.push(right);
      }
    }
  }
  return { value: missing };
}

function neededRights({
  namespace,
  rootNamespace,
  secret,
  lease,
  audit,
}: RightsQuestion): readonly Right[] {
  const reads = [...consultedKinds(catalogue)].toSorted(compareText).flatMap((type) => {
    const { group, plural } = kindInfo(type);
    const place = type === 'ConfigMap' ? { namespace: rootNamespace } : {};
    return ['list', 'watch'].map((verb) => ({ verb, group, resource: plural, ...place }));
  });
  const configurations = [
    { resource: 'mutatingwebhookconfigurations', name: mutatingName },
    { resource: 'validatingwebhookconfigurations', name: validatingName },
  ].flatMap(({ resource, name }) => [
    { verb: 'create', group: admission, resource },
    { verb: 'update', group: admission, resource, name },
  ]);
  const state = [
    { group: 'coordination.k8s.io', resource: 'leases', name: lease },
    { group: '', resource: 'secrets', name: secret },
  ].flatMap(({ group, resource, name }) =>
    name === undefined
      ? []
      : ['get', 'update'].map((verb) => ({ verb, group, resource, namespace, name })),
  );
  return [...reads, ...configurations, ...state, ...auditRights(audit)];
}

function auditRights({ isOn, reports }: AuditQuestion): readonly Right[] {
  if (!isOn) {
    return [];
  }
  const events = ['create', 'patch'].map((verb) => ({
    verb,
    group: 'events.k8s.io',
    resource: 'events',
  }));
  if (!isReportGroup(reports)) {
    return events;
  }
  const { namespaced, cluster } = reportKinds[reports];
  const written = [namespaced, cluster].flatMap(({ resource }) =>
    ['list', 'create', 'update', 'delete'].map((verb) => ({ verb, group: reports, resource })),
  );
  return [...events, ...written];
}

function isReportGroup(group: string | undefined): group is ReportGroup {
  return group !== undefined && Object.hasOwn(reportKinds, group);
}

function review(right: Right, { namespace, serviceAccount }: RightsQuestion) {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: `system:serviceaccount:${namespace}:${serviceAccount}`,
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ],
      resourceAttributes: { ...right },
    },
  };
}
