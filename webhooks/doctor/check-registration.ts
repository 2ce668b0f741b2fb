import { listIn, stringIn } from '../../policies/core/json.ts';
import { systemNamespaces } from '../admission/guards.ts';
import { mutatingName, validatingName } from '../registration/registration.ts';
import { ours, webhooksOf } from './check-order.ts';
import { notice, ok, problem, unknown, type Check, type Diagnosis } from './diagnosis.ts';
import type { Snapshot } from './snapshot.ts';

/** The webhook by which meshgate proves that it is asked, in its own namespace. */
const canaryName = 'canary.meshgate.dev';

const listRemedy = 'Let this user list the webhook configurations.';

/** Whether the API server was told to ask, and about the right things. */
export const registrationCheck: Check = {
  name: 'registration',
  diagnose(snapshot) {
    const { mutating, validating } = snapshot;
    if ('unread' in mutating) {
      return [unknown(mutating.unread, listRemedy)];
    }
    if ('unread' in validating) {
      return [unknown(validating.unread, listRemedy)];
    }
    const found = [
      { name: mutatingName, configuration: ours(mutating.value, mutatingName) },
      { name: validatingName, configuration: ours(validating.value, validatingName) },
    ];
    const said = found.flatMap(({ name, configuration }) =>
      webhooksOf(configuration).length === 0
        ? [missing(name)]
        : webhooksOf(configuration).flatMap((webhook) => unguarded(webhook, snapshot)),
    );
    return said.length === 0 ? ok(`${mutatingName} and ${validatingName} are registered.`) : said;
  },
};

function missing(name: string): Diagnosis {
  return notice(
    `${name} is not registered: what it would be asked about passes unjudged.`,
    'Right where every policy for it is off, or after it was deleted on purpose; else look at the log of the Pod that holds the Lease, and restart the Deployment to register it anew.',
  );
}

function unguarded(webhook: unknown, { namespace }: Snapshot): readonly Diagnosis[] {
  const name = stringIn(webhook, 'name') ?? '';
  const untouchable = name === canaryName ? systemNamespaces : [...systemNamespaces, namespace];
  const judged = untouchable.filter((one) => selects(webhook, one));
  return judged.length === 0
    ? []
    : [
        problem(
          `The webhook ${name} is asked about ${judged.join(', ')}, which must work without it.`,
          'Somebody edited the configuration: delete it and restart the Deployment, which registers it anew.',
        ),
      ];
}

/** Whether a webhook's selector takes in a namespace that has no label but its name. */
function selects(webhook: unknown, namespace: string): boolean {
  return listIn(webhook, 'namespaceSelector', 'matchExpressions').every((expression) => {
    const isName = stringIn(expression, 'key') === 'kubernetes.io/metadata.name';
    const isAmong = isName && listIn(expression, 'values').includes(namespace);
    switch (stringIn(expression, 'operator')) {
      case 'In':
        return isAmong;
      case 'NotIn':
        return !isAmong;
      case 'Exists':
        return isName;
      default:
        return !isName;
    }
  });
}

/** What happens while no Pod answers. */
export const failurePolicyCheck: Check = {
  name: 'failure-policy',
  diagnose({ mutating, validating, replicas }) {
    if ('unread' in mutating || 'unread' in validating) {
      return [unknown('The webhook configurations were not read.', 'See registration.')];
    }
    const fills = webhooksOf(ours(mutating.value, mutatingName)).map(policyOf);
    const judges = webhooksOf(ours(validating.value, validatingName)).map(policyOf);
    if (fills.includes('Fail')) {
      return [
        problem(
          `${mutatingName} has failurePolicy Fail, so that no Pod starts while meshgate does not answer.`,
          `Set it to Ignore: kubectl patch mutatingwebhookconfiguration ${mutatingName} --type=json -p '[{"op":"replace","path":"/webhooks/0/failurePolicy","value":"Ignore"}]'`,
        ),
      ];
    }
    const ready = replicas.filter(({ readiness }) => readiness.status === 200).length;
    if (judges.includes('Fail')) {
      return ready < 2
        ? [
            problem(
              `${validatingName} has failurePolicy Fail, and ${String(ready)} of ${String(replicas.length)} replicas are ready: one more failure refuses every change of what is judged.`,
              'Run at least two replicas, or set webhooks.failurePolicy to Ignore.',
            ),
          ]
        : ok(`${validatingName} fails closed, with ${String(ready)} replicas ready.`);
    }
    return ok('Both ignore failures: what nobody answers for passes unjudged.');
  },
};

function policyOf(webhook: unknown): string {
  return stringIn(webhook, 'failurePolicy') ?? '';
}
