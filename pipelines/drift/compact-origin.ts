import type { Origin } from '../render/manifests.ts';
import type { SourceText } from '../source/read-sources.ts';

/**
 * Where an object was declared, without the text of its document: of very many objects only those that differ are asked
 * for theirs, which is then cut out of the source again.
 */
export type CompactOrigin = Omit<Origin, 'text'> & {
  readonly source: SourceText;
  readonly length: number;
};

/** Leaves out the text, which is the part of the source at the offset that is told. */
export function compactOrigin({ text, ...origin }: Origin, source: SourceText): CompactOrigin {
  return { ...origin, source, length: text.length };
}

/** The origin with the text of its document, which is read when it is asked for. */
export function fullOrigin({ source, length, ...origin }: CompactOrigin): Origin {
  return {
    ...origin,
    get text() {
      return source.text.slice(origin.offset, origin.offset + length);
    },
  };
}
