import {
  compareText,
  describeReference,
  referenceTo,
  type ObjectReference,
  type Resource,
} from '../../policies/core/resource.ts';
import type { Mesh } from '../../policies/mesh/mesh.ts';

/** What a sentence is about. */
export type MeaningTopic =
  'outside' | 'mtls' | 'authorization' | 'routes' | 'drain' | 'scope' | 'workloads' | 'other';

/** One thing that a change does to the mesh, in a sentence. */
export interface Meaning {
  readonly topic: MeaningTopic;
  readonly text: string;
  /** The changed objects that it comes from; for `workloads` none. */
  readonly objects: readonly ObjectReference[];
}

/** How much a reader should worry, the most first: a guard loosened, nobody can tell, other than before, a guard tightened, a mere count. */
export type Effect = 'opened' | 'unsure' | 'shifted' | 'closed' | 'counted';

/** A sentence with what its place among the others depends on. */
export interface Statement extends Meaning {
  readonly effect: Effect;
}

/** One object in both states; a side that is absent means that it was added or removed. */
export interface ResourcePair {
  readonly before?: Resource;
  readonly after?: Resource;
}

/** Two states of a mesh, and the objects in which they differ. */
export interface MeshChange {
  readonly before: Mesh;
  readonly after: Mesh;
  readonly pairs: readonly ResourcePair[];
}

/** Longer names say no more, and are not meant well. */
const longestName = 120;
const mostNamed = 3;

/** The object of a pair as it is now, or as it was where it is gone. */
export function subjectOf({ before, after }: ResourcePair): Resource | undefined {
  return after ?? before;
}

/** The pairs of some kinds. */
export function pairsOf(
  { pairs }: MeshChange,
  ...types: readonly Resource['type'][]
): readonly ResourcePair[] {
  return pairs.filter((pair) => {
    const type = subjectOf(pair)?.type;
    return type !== undefined && types.includes(type);
  });
}

/** A sentence about one pair. */
export function statement(
  pair: ResourcePair,
  topic: MeaningTopic,
  effect: Effect,
  text: string,
): Statement {
  const subject = subjectOf(pair);
  return { topic, effect, text, objects: subject === undefined ? [] : [referenceTo(subject)] };
}

/** What became of something that is in one state at least. */
export function fateOf(before: unknown, after: unknown): 'added' | 'removed' | 'changed' {
  if (before === undefined) {
    return 'added';
  }
  return after === undefined ? 'removed' : 'changed';
}

/** What people call the object of a pair. */
export function nameOf(pair: ResourcePair): string {
  const subject = subjectOf(pair);
  return subject === undefined ? '' : brief(describeReference(subject));
}

/** A word of a manifest, cut where nobody would read on. */
export function brief(text: string): string {
  return text.length > longestName
    ? `${text.slice(0, longestName).replace(/\p{Cs}$/u, '')}…`
    : text;
}

/** `a, b, c and 4 more`, in the order given. */
export function listed(words: readonly string[], most = mostNamed): string {
  const shown = words.slice(0, most).map(brief);
  const rest = words.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${String(rest)} more` : shown.join(', ');
}

/** The words without repetition, sorted bytewise. */
export function sorted(words: Iterable<string>): readonly string[] {
  return [...new Set(words)].sort(compareText);
}

/** `1 workload`, `2 workloads`. */
export function counted(amount: number, noun: string): string {
  return `${String(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}
