import type { MeshPicture } from '../compare/meaning-picture.ts';
import type { Item } from './markdown-sections.ts';
import { toMermaid } from './mermaid.ts';

const legend =
  'Thick arrows are new or changed, dotted ones are gone; what has no mark stays as it is.';

/** A picture as it stands in a comment; a line where there is no room for it. */
export function pictureItems(picture: MeshPicture | undefined): readonly Item[] {
  if (picture === undefined) {
    return [];
  }
  const { notDrawn } = picture;
  const rest = notDrawn > 0 ? `\n\n${String(notDrawn)} more not drawn.` : '';
  return [
    {
      brief: '- Not drawn, for lack of room.',
      full: () => `\`\`\`mermaid\n${toMermaid(picture)}\n\`\`\`\n\n${legend}${rest}`,
    },
  ];
}
