import { objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import { describeReference } from '../../policies/core/resource.ts';
import { identityOf } from '../compare/manifest.ts';
import { objectOf, type DeclaredObjects } from './declared.ts';
import type { ObjectDrift } from './report.ts';
import type { ComparisonRules } from './rules.ts';
import type { Tally } from './tally.ts';
import { strongest } from './verdict.ts';
import { verdictOfClass } from './words.ts';

/** The built-in rule under which an autoscaler's work is explained. */
const scaledRule =
  'an autoscaler sets spec.replicas: remove the field from Git, so that applying does not scale back';

const replicas = '/spec/replicas';

/** The HorizontalPodAutoscaler's controller, which writes through the scale subresource. */
const autoscaler = 'kube-controller-manager';

/** What an autoscaler scales, `Kind ns/name`; undefined for every other object. */
export function scaleTargetOf(object: JsonObject): string | undefined {
  if (object['kind'] !== 'HorizontalPodAutoscaler') {
    return undefined;
  }
  const target = objectIn(object, 'spec', 'scaleTargetRef');
  return describeReference({
    kind: stringIn(target, 'kind') ?? '',
    namespace: stringIn(object, 'metadata', 'namespace') ?? 'default',
    name: stringIn(target, 'name') ?? '',
  });
}

/** Takes the replicas that autoscalers set out of the drifts; what has nothing else is in sync. */
export function settleScaled(
  declared: DeclaredObjects,
  rules: Pick<ComparisonRules, 'note'>,
  tally: Pick<Tally, 'drifts' | 'scaleTargets' | 'inSync'>,
): void {
  if (!tally.drifts.some(({ fields }) => fields.some(({ at }) => at === replicas))) {
    return;
  }
  const targets = new Set(tally.scaleTargets);
  for (const [first] of declared.byIdentity.values()) {
    if (first?.reference.kind === 'HorizontalPodAutoscaler') {
      targets.add(scaleTargetOf(objectOf(first)) ?? '');
    }
  }
  const drifts = tally.drifts.splice(0);
  for (const drift of drifts) {
    const settled = withoutScaled(drift, targets);
    if (settled !== drift) {
      rules.note(scaledRule);
    }
    if (settled === undefined) {
      const [first] = declared.byIdentity.get(identityOf(drift.reference)) ?? [];
      if (first !== undefined) {
        tally.inSync.add(first);
      }
    } else {
      tally.drifts.push(settled);
    }
  }
}

/** The drift without the replicas that an autoscaler sets; undefined where nothing else differs. */
function withoutScaled(drift: ObjectDrift, targets: ReadonlySet<string>): ObjectDrift | undefined {
  const isTarget = targets.has(describeReference(drift.reference));
  const fields = drift.fields.filter(
    ({ at, manager, through }) =>
      at !== replicas || !(isTarget || (manager === autoscaler && through === 'scale')),
  );
  if (fields.length === drift.fields.length) {
    return drift;
  }
  const verdict = strongest(fields.map((field) => verdictOfClass(field.class)));
  return verdict === undefined ? undefined : { ...drift, verdict, fields };
}
