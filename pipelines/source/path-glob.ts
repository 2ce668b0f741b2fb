/**
 * Whether a path, written with `/`, matches a glob: `*` within a segment, `**` across segments, `?` one character.
 * A glob without `/` matches a file or folder of that name anywhere, and one that names a folder matches all below it.
 */
export function pathMatcher(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map(toPattern);
  return (path) => patterns.some((pattern) => pattern.test(path));
}

function toPattern(glob: string): RegExp {
  const trimmed = glob.replace(/^\.\//u, '').replace(/\/$/u, '');
  const anywhere = trimmed.includes('/') ? '' : '(?:.*/)?';
  const body = trimmed.replaceAll(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/gu, (token) => {
    switch (token) {
      case '**/':
        return '(?:.*/)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      default:
        return `\\${token}`;
    }
  });
  return new RegExp(`^${anywhere}${body}(?:/.*)?$`, 'u');
}
