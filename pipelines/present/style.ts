/** How words are set off; without colour every one returns the text as it is. */
export interface Style {
  strong(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  blue(text: string): string;
  green(text: string): string;
}

/** The style of a terminal with or without colour. */
export function styleFor(colour: boolean): Style {
  function wrap(code: string): (text: string) => string {
    return (text) => (colour && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text);
  }
  return {
    strong: wrap('1'),
    dim: wrap('2'),
    red: wrap('31'),
    yellow: wrap('33'),
    blue: wrap('34'),
    green: wrap('32'),
  };
}
