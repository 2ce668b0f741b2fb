import type { Finding, Fix } from '../../policies/core/finding.ts';
import {
  member,
  objectIn,
  listIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';
import type { Pointer } from '../../policies/core/pointer.ts';
import { placesMeet, pointer } from '../../policies/core/pointer.ts';
import { proxyContainerName } from '../../policies/mesh/workload.ts';
import type { FilledEntry } from './audit.ts';

/** Annotation on a Pod that lists what admission filled in, as JSON: `[{ policy, at, key?, value }]`. */
export const filledAnnotation = 'meshgate.dev/filled';

/** Where {@link filledAnnotation} stands. */
export const filledPointer: Pointer = pointer('metadata', 'annotations', filledAnnotation);

const proxyConfigPointer = pointer('metadata', 'annotations', 'proxy.istio.io/config');
const injectorInputs = [
  pointer('metadata', 'labels'),
  ...['proxy.istio.io/', 'sidecar.istio.io/', 'traffic.sidecar.istio.io/', 'inject.istio.io/'].map(
    (prefix) => pointer('metadata', 'annotations', prefix),
  ),
];

/** A fix that admission may apply by itself, with the policy that asks for it. */
export interface Fill {
  readonly policy: string;
  readonly fix: Fix;
}

/** Whether the injector has been here: what it reads can no longer take effect. */
export function isInjected(pod: JsonObject): boolean {
  if (member(objectIn(pod, 'metadata', 'annotations'), 'sidecar.istio.io/status') !== undefined) {
    return true;
  }
  return [...listIn(pod, 'spec', 'containers'), ...listIn(pod, 'spec', 'initContainers')].some(
    (container) => stringIn(container, 'name') === proxyContainerName,
  );
}

/** The fixes to apply at once, and whether that settles it: see {@link fillsOf}. */
export interface FillRound {
  readonly fills: readonly Fill[];
  readonly settles: boolean;
}

/**
 * The fixes to apply at once: those that fill, of policies in mode warn or enforce, without those that would write an
 * injector's input on an injected Pod, and without those whose paths meet an earlier one's. A single one settles the
 * matter, since a fix makes its own finding vanish; but one that decides on injection may call other policies up.
 */
export function fillsOf(findings: readonly Finding[], injected: boolean): FillRound {
  const fills: Fill[] = [];
  const taken: Pointer[] = [];
  let candidates = 0;
  for (const { policy, fix, mode } of findings) {
    if (fix === undefined || fix.kind !== 'fill' || (mode !== 'warn' && mode !== 'enforce')) {
      continue;
    }
    const places = fix.changes.map(({ at }) => at);
    if (places.length === 0 || (injected && places.some(isInjectorInput))) {
      continue;
    }
    candidates += 1;
    if (!places.some((place) => taken.some((other) => placesMeet(place, other)))) {
      taken.push(...places);
      fills.push({ policy, fix });
    }
  }
  return { fills, settles: candidates === 1 && taken.every(leavesInjection) };
}

/** The annotation's new value: what it lists already, if it can be read, and then the new entries. */
export function filledList(pod: JsonObject, entries: readonly FilledEntry[]): string {
  const present = stringIn(pod, 'metadata', 'annotations', filledAnnotation);
  return JSON.stringify([...readList(present), ...entries]);
}

/**
 * Whether the annotation lists a place, or a key in the YAML that stands there, as filled in. Anyone can write the
 * annotation, so it may spare a warning and never a denial.
 */
export function isListedAsFilled(object: JsonObject, at: Pointer, key: Json | undefined): boolean {
  const list = readList(stringIn(object, 'metadata', 'annotations', filledAnnotation));
  return list.some((entry) => member(entry, 'at') === at && member(entry, 'key') === key);
}

function readList(text: string | undefined): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

function isInjectorInput(at: Pointer): boolean {
  return injectorInputs.some((input) => at.startsWith(input));
}

/** Whether a value has no part in whether and how the Pod is injected. */
function leavesInjection(at: Pointer): boolean {
  return !isInjectorInput(at) || at === proxyConfigPointer;
}
