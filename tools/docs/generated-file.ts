/** A file that is made from the sources; its path is relative to the checkout. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}
