import { listIn, numberIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import { ok, problem, unknown, type Check, type Diagnosis } from './diagnosis.ts';

const leaseGraceMilliseconds = 60_000;

/** Whether there is a Deployment, and all of its Pods are ready. */
export const deploymentCheck: Check = {
  name: 'deployment',
  diagnose({ deployments, namespace, pods }) {
    if ('unread' in deployments) {
      return [unknown(deployments.unread, `Let this user list deployments in ${namespace}.`)];
    }
    const [deployment] = deployments.value;
    if (deployment === undefined) {
      return [
        problem(
          `The namespace ${namespace} has no Deployment labelled app.kubernetes.io/name=meshgate.`,
          'Name the right one with --namespace, or install it: `meshgate install` or the chart.',
        ),
      ];
    }
    const wanted = numberIn(deployment, 'spec', 'replicas') ?? 1;
    const ready = numberIn(deployment, 'status', 'readyReplicas') ?? 0;
    return ready >= wanted && wanted > 0
      ? ok(`${String(ready)} of ${String(wanted)} Pods are ready.`)
      : [notReady(ready, wanted, 'value' in pods ? pods.value : []), ...failing(deployment)];
  },
};

function notReady(ready: number, wanted: number, pods: readonly JsonObject[]): Diagnosis {
  const reasons = new Set(pods.flatMap(reasonsOf));
  const why = reasons.size === 0 ? '' : ` (${[...reasons].join(', ')})`;
  return problem(
    `${String(ready)} of ${String(wanted)} Pods are ready${why}.`,
    wanted === 0
      ? 'It is scaled to 0: set replicas again.'
      : 'See kubectl describe and the logs of the Pods; /readyz names what a Pod waits for.',
  );
}

function failing(deployment: JsonObject): readonly Diagnosis[] {
  return listIn(deployment, 'status', 'conditions')
    .filter(
      (condition) =>
        stringIn(condition, 'type') === 'ReplicaFailure' &&
        stringIn(condition, 'status') === 'True',
    )
    .map((condition) =>
      problem(
        `No Pod can be made: ${stringIn(condition, 'message') ?? ''}`,
        'Usually a quota, a priority class or Pod Security of the namespace.',
      ),
    );
}

function reasonsOf(pod: JsonObject): readonly string[] {
  const states = listIn(pod, 'status', 'containerStatuses').flatMap(
    (status) => stringIn(status, 'state', 'waiting', 'reason') ?? [],
  );
  const unscheduled = listIn(pod, 'status', 'conditions')
    .filter(
      (condition) =>
        stringIn(condition, 'type') === 'PodScheduled' && stringIn(condition, 'status') === 'False',
    )
    .map((condition) => stringIn(condition, 'reason') ?? 'not scheduled');
  return [...states, ...unscheduled];
}

/** Whether somebody keeps the certificates and the webhook configurations. */
export const leaseCheck: Check = {
  name: 'lease',
  diagnose({ lease, now }) {
    if ('unread' in lease) {
      return [unknown(lease.unread, 'Let this user get the Lease, or apply the chart again.')];
    }
    const holder = stringIn(lease.value, 'spec', 'holderIdentity') ?? '';
    const renewed = Date.parse(stringIn(lease.value, 'spec', 'renewTime') ?? '');
    const age = now - renewed;
    return holder !== '' && age < leaseGraceMilliseconds
      ? ok(`${holder} keeps the certificates and the webhook configurations.`)
      : [
          problem(
            holder === ''
              ? 'No Pod holds the Lease, so nobody keeps the certificates and the webhook configurations.'
              : `${holder} holds the Lease and has not renewed it for ${String(Math.round(age / 1000))} s.`,
            'See the logs of the Pods: they say why the Lease cannot be written.',
          ),
        ];
  },
};
