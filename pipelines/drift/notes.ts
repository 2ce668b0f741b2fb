import type { DeclaredObjects } from './declared.ts';
import type { Tally } from './tally.ts';

/** What a reader of a report must know to read it rightly. */
export function notesOn(
  declared: DeclaredObjects,
  tally: Tally,
  { secrets }: { readonly secrets: boolean },
): readonly string[] {
  const hasSecrets = [...declared.byIdentity.values()].some(
    ([first]) => first?.reference.kind === 'Secret',
  );
  return [
    ...declared.errors.map(({ file, line, text }) => `${file}:${String(line)}: ${text}`),
    ...(hasSecrets && !secrets
      ? ['Secrets were not compared: set drift.secrets to have them read']
      : []),
    ...[...tally.unlisted].map(
      ([kind, why]) => `${kind}: what Git does not declare was not looked for, since ${why}`,
    ),
  ];
}
