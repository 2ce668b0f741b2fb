import {
  isObject,
  listIn,
  stringIn,
  stringMapIn,
  valueIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import { compareText } from '../../policies/core/resource.ts';
import { mutatingName } from '../registration/registration.ts';
import { notice, ok, problem, unknown, type Check, type Diagnosis } from './diagnosis.ts';
import type { Snapshot } from './snapshot.ts';

const filledAnnotation = 'meshgate.dev/filled';
/** What meshgate fills in on Pods, as other engines' rules would name it. */
const ourFields = /terminationGracePeriodSeconds|proxy\.istio\.io\/config/u;
const podResources: readonly unknown[] = ['pods', '*', '*/*', 'pods/*'];
const longestList = 5;

/** Whether somebody else changes at admission what meshgate fills in. */
export const mutatorsCheck: Check = {
  name: 'other-mutators',
  diagnose(snapshot) {
    const { mutators, filledPods } = snapshot;
    const unread = [mutators, filledPods].flatMap((reading) =>
      'unread' in reading ? [unknown(reading.unread, 'Let this user list it.')] : [],
    );
    const said = [...overwritten(snapshot), ...rules(snapshot), ...later(snapshot), ...unread];
    return said.length === 0 ? ok('Nobody else changes what is filled in on Pods.') : said;
  },
};

/** What was filled in on Pods that is something else now: the proof that somebody changed it afterwards. */
function overwritten({ filledPods }: Snapshot): readonly Diagnosis[] {
  const changed = ('value' in filledPods ? filledPods.value : []).flatMap((pod) => {
    const name = `${stringIn(pod, 'metadata', 'namespace') ?? ''}/${stringIn(pod, 'metadata', 'name') ?? ''}`;
    return lostFills(pod).map((at) => `${at} of ${name}`);
  });
  return changed.length === 0
    ? []
    : [
        problem(
          `Something changed what was filled in: ${shorten(changed)}.`,
          'Find the webhook or policy that sets it (below, or in the audit log), and let it leave the field alone.',
        ),
      ];
}

function lostFills(pod: JsonObject): readonly string[] {
  const filled = readFilled(stringMapIn(pod, 'metadata', 'annotations')[filledAnnotation]);
  return filled.flatMap((fill) => {
    const at = stringIn(fill, 'at') ?? '';
    const value = valueIn(fill, 'value');
    // What is filled in within an annotation is YAML of Istio, which it may write anew.
    if (at !== '/spec/terminationGracePeriodSeconds' || value === undefined) {
      return [];
    }
    return valueIn(pod, 'spec', 'terminationGracePeriodSeconds') === value ? [] : [at];
  });
}

function readFilled(text: string | undefined): readonly Json[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? (value as readonly Json[]) : [];
  } catch {
    return [];
  }
}

/** Policies of other engines that name our fields. */
function rules({ mutators }: Snapshot): readonly Diagnosis[] {
  return ('value' in mutators ? mutators.value : [])
    .filter((object) => ourFields.test(JSON.stringify(valueIn(object, 'spec') ?? null)))
    .map((object) =>
      notice(
        `${stringIn(object, 'kind') ?? 'An object'} ${stringIn(object, 'metadata', 'name') ?? ''} names a field that meshgate fills in.`,
        'If it sets the field, let only one of the two do so: what is declared when meshgate is asked, it leaves alone.',
      ),
    );
}

/** Webhooks that change Pods after ours; whether they touch the same fields, only their makers can tell. */
function later({ mutating }: Snapshot): readonly Diagnosis[] {
  const others = ('value' in mutating ? mutating.value : [])
    .filter((configuration) => listIn(configuration, 'webhooks').some(changesPods))
    .map((configuration) => stringIn(configuration, 'metadata', 'name') ?? '')
    .filter((name) => compareText(name, mutatingName) > 0)
    .filter((name) => !name.startsWith('istio-'));
  return others.length === 0
    ? []
    : [
        notice(
          `These change Pods after meshgate: ${shorten(others)}.`,
          'Nothing is to be done unless they set terminationGracePeriodSeconds or proxy.istio.io/config.',
        ),
      ];
}

function changesPods(webhook: unknown): boolean {
  return (
    isObject(webhook) &&
    listIn(webhook, 'rules').some(
      (rule) =>
        listIn(rule, 'operations').some(
          (operation) => operation === 'CREATE' || operation === '*',
        ) &&
        listIn(rule, 'resources').some((resource) => podResources.includes(resource)) &&
        listIn(rule, 'apiGroups').some((group) => group === '' || group === '*'),
    )
  );
}

function shorten(texts: readonly string[]): string {
  const more = texts.length - longestList;
  const shown = texts.slice(0, longestList).join(', ');
  return more > 0 ? `${shown} and ${String(more)} more` : shown;
}
