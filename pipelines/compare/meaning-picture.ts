import { compareText, describeReference, type Resource } from '../../policies/core/resource.ts';
import { isMeshConfig } from '../../policies/mesh/mesh-config.ts';
import { linksOf, type Link } from './meaning-links.ts';
import { fateOf, subjectOf, type MeshChange } from './meaning-statement.ts';

/** What became of a part of the picture. */
export type PartState = 'added' | 'removed' | 'changed' | 'same';

/** An object of the mesh. */
export interface PictureNode {
  /** `VirtualService shop/reviews`. */
  readonly name: string;
  readonly state: PartState;
}

/** A link between two objects, by their places among the nodes. */
export interface PictureLink {
  readonly from: number;
  readonly to: number;
  readonly state: PartState;
  readonly label: string;
}

/** The changed part of a mesh with what it touches. */
export interface MeshPicture {
  readonly nodes: readonly PictureNode[];
  readonly links: readonly PictureLink[];
  /** Changed objects and their neighbours for which there was no room. */
  readonly notDrawn: number;
}

const mostNodes = 30;
const mostLinks = 90;
/** One object alone is told better in words. */
const fewestChanged = 2;

/** The changed objects and what they lead to; undefined where fewer than two changed. Changed ones get room first. */
export function pictureOf(change: MeshChange): MeshPicture | undefined {
  const states = changedStates(change);
  if (states.size < fewestChanged) {
    return undefined;
  }
  const before = labelsOf(change.pairs.flatMap((pair) => linksIn(pair.before, change.before)));
  const after = labelsOf(change.pairs.flatMap((pair) => linksIn(pair.after, change.after)));
  const ends = [...before.values(), ...after.values()].flatMap(({ from, to }) => [from, to]);
  const neighbours = new Set(ends.filter((name) => !states.has(name)));
  const names = [...[...states.keys()].sort(compareText), ...[...neighbours].sort(compareText)];
  const drawn = names.slice(0, mostNodes);
  const places = new Map(drawn.map((name, place) => [name, place]));
  return {
    nodes: drawn.map((name) => ({ name, state: states.get(name) ?? 'same' })),
    links: drawnLinks(before, after, places).slice(0, mostLinks),
    notDrawn: names.length - drawn.length,
  };
}

function changedStates({ pairs, after }: MeshChange): ReadonlyMap<string, PartState> {
  const states = new Map<string, PartState>();
  for (const pair of pairs) {
    const subject = subjectOf(pair);
    if (subject === undefined || (subject.type === 'ConfigMap' && !isMeshConfig(subject, after))) {
      continue;
    }
    const state = fateOf(pair.before, pair.after);
    const name = describeReference(subject);
    const known = states.get(name);
    states.set(name, known === undefined || known === state ? state : 'changed');
  }
  return states;
}

function linksIn(resource: Resource | undefined, mesh: MeshChange['after']): readonly Link[] {
  return resource === undefined ? [] : linksOf(resource, mesh);
}

interface NamedLink {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

function labelsOf(links: readonly Link[]): ReadonlyMap<string, NamedLink> {
  return new Map(
    links.map(({ from, to, label }) => {
      const named = { from: describeReference(from), to: describeReference(to), label };
      return [JSON.stringify([named.from, named.to]), named];
    }),
  );
}

function drawnLinks(
  before: ReadonlyMap<string, NamedLink>,
  after: ReadonlyMap<string, NamedLink>,
  places: ReadonlyMap<string, number>,
): readonly PictureLink[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort(compareText);
  return keys.flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    const link = is ?? was;
    const from = places.get(link?.from ?? '');
    const to = places.get(link?.to ?? '');
    return from === undefined || to === undefined ? [] : [{ from, to, ...stateOf(was, is) }];
  });
}

function stateOf(
  was: NamedLink | undefined,
  is: NamedLink | undefined,
): { readonly state: PartState; readonly label: string } {
  if (was === undefined || is === undefined) {
    return { state: was === undefined ? 'added' : 'removed', label: (is ?? was)?.label ?? '' };
  }
  return was.label === is.label
    ? { state: 'same', label: is.label }
    : { state: 'changed', label: `${was.label || 'unknown'} before, now ${is.label || 'unknown'}` };
}
