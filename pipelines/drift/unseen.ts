import { describeReference } from '../../policies/core/resource.ts';
import { declarationKind } from '../render/declarations.ts';
import { bestDrift, missingDrift, type Comparison } from './compare-live.ts';
import { objectOf, type Declaration } from './declared.ts';
import type { Tally } from './tally.ts';
import { identityOf } from '../compare/manifest.ts';

/**
 * What becomes of declared objects that no live object answered to: missing where their kind was listed to its end and a
 * second look does not find them either, undetermined where it was not.
 */
export async function judgeUnseen(comparison: Comparison, tally: Tally): Promise<void> {
  for (const declaration of tally.unseen()) {
    const { reference } = declaration;
    const failure = tally.failureOf(reference);
    if (failure !== undefined) {
      tally.unknown.push({ object: describeReference(reference), why: failure });
    } else if (tally.liveOf(reference) !== undefined && !isElsewhere(declaration, tally)) {
      await judgeAbsent(declaration, comparison, tally);
    }
  }
}

async function judgeAbsent(
  declaration: Declaration,
  comparison: Comparison,
  tally: Tally,
): Promise<void> {
  const { reference } = declaration;
  if (comparison.rules.ignores.coversObject(reference)) {
    tally.markInSync(identityOf(reference));
    return;
  }
  try {
    const now = await comparison.reread?.(reference);
    const drift =
      now === undefined ? missingDrift(declaration) : bestDrift([declaration], now, comparison);
    if (drift === undefined) {
      tally.markInSync(identityOf(reference));
    } else {
      tally.drifts.push(drift);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tally.unknown.push({ object: describeReference(reference), why });
  }
}

/** Applications and the like steer deployers, which may run in another cluster than the one that is compared. */
function isElsewhere(declaration: Declaration, tally: Tally): boolean {
  return (
    tally.liveOf(declaration.reference) === 0 &&
    declarationKind(objectOf(declaration)) !== undefined
  );
}
