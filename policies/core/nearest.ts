import { closestMatch } from 'leven';

/**
 * The valid name that was probably meant: the one at the smallest edit distance (about a third of the name at most),
 * or the one that ends with it after a slash. Undefined where none is near, or where the name is absurdly long.
 */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  if (name === '' || name.length > 128) {
    return undefined;
  }
  const wanted = name.toLowerCase();
  const tail = valid.find((candidate) => candidate.endsWith(`/${wanted}`));
  if (tail !== undefined) {
    return tail;
  }
  const folded = new Map(valid.map((candidate) => [candidate.toLowerCase(), candidate]));
  const maxDistance = Math.floor(wanted.length / 3) + 1;
  const match = closestMatch(wanted, [...folded.keys()], { maxDistance });
  return match === undefined ? undefined : folded.get(match);
}

/** `; did you mean "x"?`, or '' where no valid name is near. */
export function suggestion(name: string, valid: readonly string[]): string {
  const nearest = nearestName(name, valid);
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`;
}
