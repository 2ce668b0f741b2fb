import type { Change } from '../../policies/core/patch.ts';
import type { Pointer } from '../../policies/core/pointer.ts';
import { editSource, type EditOutcome } from './edit-source.ts';

/** A document of a text: where its own text begins, by offset and by line from 1. */
export interface DocumentText {
  readonly text: string;
  readonly offset: number;
  readonly line: number;
}

/** A field in a document of a file, or of a text that a field of a file holds. */
export interface Place {
  readonly document: DocumentText;
  /** Leads to the object whose field it is. */
  readonly prefix: Pointer;
  /** The field, from that object on. */
  readonly at: Pointer;
  /** The field that holds the document, and all of what it holds; a file holds it where this is absent. */
  readonly within?: { readonly place: Place; readonly text: string };
}

/** The file's text with a change at a place. */
export function editPlace(
  file: string,
  { document, prefix, at, within }: Place,
  change: Change,
): EditOutcome {
  const edited = editSource(document.text, prefix, [{ ...change, at }]);
  if ('problem' in edited) {
    return edited;
  }
  const holder = within?.text ?? file;
  const { offset, text } = document;
  const whole = holder.slice(0, offset) + edited.text + holder.slice(offset + text.length);
  return within === undefined
    ? { text: whole }
    : editPlace(file, within.place, { at: within.place.at, value: whole });
}
