import type { MeshPicture, PartState, PictureLink } from '../compare/meaning-picture.ts';
import { plainLine } from './escape.ts';
import { shorten } from './markdown-text.ts';

const longestLabel = 80;

/** Fill, line and text: legible on a light page and on a dark one. */
const classes: Readonly<Record<PartState, string>> = {
  added: 'fill:#dafbe1,stroke:#1a7f37,stroke-width:2px,color:#0b3d1a',
  removed: 'fill:#ffebe9,stroke:#cf222e,stroke-width:2px,stroke-dasharray:5 5,color:#5c0d12',
  changed: 'fill:#fff8c5,stroke:#9a6700,stroke-width:2px,color:#3d2b00',
  same: 'fill:#f6f8fa,stroke:#6e7781,color:#1f2328',
};

const arrows: Readonly<Record<PartState, string>> = {
  added: '==>',
  removed: '-.->',
  changed: '==>',
  same: '-->',
};

/**
 * A picture as the text of a Mermaid flowchart. Ids are made up, every word of a manifest stands in a quoted label in
 * which all but plain letters, digits and a few marks is spelled as a character code, so that none can end the label,
 * start markup or add a link.
 */
export function toMermaid({ nodes, links }: MeshPicture): string {
  const states = Object.keys(classes) as PartState[];
  const used = states.filter((state) => nodes.some((node) => node.state === state));
  return [
    'flowchart LR',
    ...nodes.map(({ name, state }, place) => {
      const said = state === 'same' ? '' : ` (${state})`;
      return `  ${idOf(place)}["${label(name)}${said}"]`;
    }),
    ...links.map(linkLine),
    ...used.map((state) => `  classDef ${state} ${classes[state]}`),
    ...used.map((state) => {
      const ids = nodes.flatMap((node, place) => (node.state === state ? [idOf(place)] : []));
      return `  class ${ids.join(',')} ${state}`;
    }),
  ].join('\n');
}

function linkLine({ from, to, state, label: share }: PictureLink): string {
  const words = [share, state === 'added' || state === 'removed' ? state : ''];
  const text = words.filter((word) => word !== '').join(', ');
  const shown = text === '' ? '' : `|"${label(text)}"|`;
  return `  ${idOf(from)} ${arrows[state]}${shown} ${idOf(to)}`;
}

function idOf(place: number): string {
  return `n${String(place + 1)}`;
}

/** A text within a quoted label, by Mermaid's own character codes (`#35;`), cut where it is too long. */
function label(text: string): string {
  return shorten(plainLine(text), longestLabel).replaceAll(
    /[^A-Za-z0-9 ./,()-]/gu,
    (character) => `#${String(character.codePointAt(0) ?? 0)};`,
  );
}
