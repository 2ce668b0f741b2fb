import type { JsonObject } from '../../policies/core/json.ts';
import { bestMatches } from './best-matches.ts';
import { identityOf, siblingsOf, type Manifest } from './manifest.ts';
import { leavesOf, similarity, size, type Leaves } from './similarity.ts';
import { withoutNoise } from './noise.ts';

/** Two states of one object; a side that is absent means that it was added or removed. */
export interface ManifestPair<M extends Manifest> {
  readonly before?: M;
  readonly after?: M;
}

/** Objects that share less than this are two objects, not one under a new name. */
const nearEqual = 0.8;
/** Objects with fewer fields than this look like many others. */
const fewestLeaves = 2;
/** What Kustomize appends to the names that its generators make (`kyaml/hasher`). */
const generatorHash = /^(.+)-[bcdfghkmt2456789]{10}$/u;

/**
 * Finds out which manifest of one state is which of the other: the very same ones, then by identity wherever the file
 * went; what is left by the name before a generator's hash, and then by an almost equal body of the same kind in the
 * same namespace.
 */
export function pairManifests<M extends Manifest>(
  base: readonly M[],
  head: readonly M[],
): readonly ManifestPair<M>[] {
  const old = new Set(base);
  const same = new Set(head.filter((manifest) => old.has(manifest)));
  const pairs: ManifestPair<M>[] = [...same].map((both) => ({ before: both, after: both }));
  const removed: M[] = [];
  const isOther = (manifest: M): boolean => !same.has(manifest);
  const left = groupBy(base.filter(isOther), identityOf);
  const right = groupBy(head.filter(isOther), identityOf);
  const added = [...right]
    .filter(([identity]) => !left.has(identity))
    .flatMap(([, group]) => group);
  for (const [identity, group] of left) {
    const others = right.get(identity);
    if (others === undefined) {
      removed.push(...group);
    } else {
      pairs.push(...pairDeclarations(group, others));
    }
  }
  const renamed = pairRenamed(removed, added);
  const newNames = new Set(renamed.values());
  for (const before of removed) {
    const after = renamed.get(before);
    pairs.push(after === undefined ? { before } : { before, after });
  }
  pairs.push(...added.filter((after) => !newNames.has(after)).map((after) => ({ after })));
  return pairs;
}

/** One object may be declared in several files: the same file first, then in order. */
function pairDeclarations<M extends Manifest>(
  base: readonly M[],
  head: readonly M[],
): readonly ManifestPair<M>[] {
  const pairs: ManifestPair<M>[] = [];
  const rest = [...head];
  const moved: M[] = [];
  for (const before of base) {
    const index = rest.findIndex((after) => after.file === before.file);
    const [after] = index < 0 ? [] : rest.splice(index, 1);
    if (after === undefined) {
      moved.push(before);
    } else {
      pairs.push({ before, after });
    }
  }
  for (const before of moved) {
    const after = rest.shift();
    pairs.push(after === undefined ? { before } : { before, after });
  }
  return [...pairs, ...rest.map((after) => ({ after }))];
}

function pairRenamed<M extends Manifest>(
  removed: readonly M[],
  added: readonly M[],
): ReadonlyMap<M, M> {
  const renamed = new Map<M, M>();
  const candidates = groupBy(added, siblingsOf);
  for (const [siblings, group] of groupBy(removed, siblingsOf)) {
    const others = candidates.get(siblings) ?? [];
    pairGenerated(group, others, renamed);
    const taken = new Set(renamed.values());
    const before = group
      .filter((manifest) => !renamed.has(manifest))
      .map(bodyOf)
      .filter(isTelling);
    const after = others
      .filter((manifest) => !taken.has(manifest))
      .map(bodyOf)
      .filter(isTelling);
    for (const [left, right] of bestMatches(before, after, likeness, nearEqual)) {
      const [old, now] = [before[left], after[right]];
      if (old !== undefined && now !== undefined) {
        renamed.set(old.manifest, now.manifest);
      }
    }
  }
  return renamed;
}

function pairGenerated<M extends Manifest>(
  removed: readonly M[],
  added: readonly M[],
  renamed: Map<M, M>,
): void {
  const stems = groupBy(added, ({ name }) => generatorHash.exec(name)?.[1] ?? '');
  stems.delete('');
  for (const [stem, group] of groupBy(removed, ({ name }) => generatorHash.exec(name)?.[1] ?? '')) {
    const others = stems.get(stem) ?? [];
    const [before, after] = [group[0], others[0]];
    if (group.length === 1 && others.length === 1 && before !== undefined && after !== undefined) {
      renamed.set(before, after);
    }
  }
}

/** A manifest's body, with its own name taken out of what it says and left in. */
interface Body<M> {
  readonly manifest: M;
  readonly nameless: Leaves;
  readonly literal: Leaves;
}

function bodyOf<M extends Manifest>(manifest: M): Body<M> {
  const body = withoutIdentity(withoutNoise(manifest.object));
  return { manifest, nameless: leavesOf(body, manifest.name), literal: leavesOf(body) };
}

function isTelling({ literal }: Body<Manifest>): boolean {
  return size(literal) >= fewestLeaves;
}

/** An object under a new name may name itself anew in labels and hosts, or go on as before. */
function likeness(left: Body<Manifest>, right: Body<Manifest>): number {
  return Math.max(
    similarity(left.nameless, right.nameless),
    similarity(left.literal, right.literal),
  );
}

function withoutIdentity(object: JsonObject): JsonObject {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  const { name: _name, namespace: _namespace, ...others } = (metadata ?? {}) as JsonObject;
  return { ...rest, metadata: others };
}

function groupBy<M>(items: readonly M[], keyOf: (item: M) => string): Map<string, M[]> {
  const groups = new Map<string, M[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}
