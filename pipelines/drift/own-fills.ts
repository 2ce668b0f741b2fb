import { isObject, member, stringIn, type Json } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { readLooseYaml } from '../../policies/core/yaml.ts';
import type { Judging, OwnedDifference } from './judging.ts';

const filledAnnotation = 'meshgate.dev/filled';

/** The built-in rule under which meshgate's own work is explained. */
export const ownFillRule = 'meshgate filled in at admission what Git leaves out';

/**
 * Whether a difference is exactly what meshgate's admission gate noted to have filled in: a value that Git does not
 * state, or members of the YAML in an annotation, as long as live still holds what was noted. What admission writes
 * belongs to nobody, so a note that somebody owns is a forgery and explains nothing.
 */
export function isOwnFill(judging: Judging, difference: OwnedDifference): boolean {
  const { ownership, live } = judging;
  const note = ['metadata', 'annotations', filledAnnotation];
  const isForeign = difference.owners.some((owner) => !judging.isDeployer(owner));
  if (!ownership.known || isForeign || ownership.ownersOf(note).length > 0) {
    return false;
  }
  const at = pointer(...difference.at);
  const fills = entriesOf(stringIn(live, ...note)).filter((entry) => member(entry, 'at') === at);
  const stated = difference.byDefault === true ? undefined : difference.declared;
  if (fills.length === 0) {
    return false;
  }
  return fills.every((entry) => member(entry, 'key') !== undefined)
    ? isExtended(stated, difference.live, fills)
    : stated === undefined &&
        fills.some((entry) => equalJson(member(entry, 'value'), difference.live));
}

/** Whether the live YAML is the declared one and what was filled in. */
function isExtended(
  declared: Json | undefined,
  live: Json | undefined,
  fills: readonly Json[],
): boolean {
  const mine = declared === undefined ? {} : yamlOf(declared);
  const theirs = yamlOf(live);
  if (!isObject(mine) || !isObject(theirs)) {
    return false;
  }
  const filled = new Map(
    fills.map((entry) => [stringIn(entry, 'key') ?? '', member(entry, 'value')]),
  );
  const rest = Object.entries(theirs).filter(
    ([key, value]) => Object.hasOwn(mine, key) || !equalJson(filled.get(key), value),
  );
  return equalJson(Object.fromEntries(rest), mine);
}

function yamlOf(value: Json | undefined): Json | undefined {
  const reading = typeof value === 'string' ? readLooseYaml(value) : undefined;
  return reading === undefined || 'problem' in reading ? undefined : reading.value;
}

function entriesOf(note: string | undefined): readonly Json[] {
  try {
    const entries: unknown = JSON.parse(note ?? '[]');
    return Array.isArray(entries) ? (entries as readonly Json[]) : [];
  } catch {
    return [];
  }
}
