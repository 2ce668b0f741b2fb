import { describeReference } from '../../policies/core/resource.ts';
import { declarationKind } from '../render/declarations.ts';
import type { Comparison } from './comparison.ts';
import { lookAgain } from './judge-object.ts';
import { objectOf, type Declaration } from './declared.ts';
import { failureOf, liveCount, unseenOf, type Tally } from './tally.ts';

/**
 * What becomes of declared objects that no live object answered to: missing where their kind was listed to its end and a
 * second look does not find them either, undetermined where it was not.
 */
export async function judgeUnseen(comparison: Comparison, tally: Tally): Promise<void> {
  for (const declaration of unseenOf(tally, comparison.declared)) {
    const { reference } = declaration;
    const failure = failureOf(tally, reference);
    if (failure !== undefined) {
      tally.unknown.push({ object: describeReference(reference), why: failure });
    } else if (liveCount(tally, reference) !== undefined && !isElsewhere(declaration, tally)) {
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
    tally.inSync.add(declaration);
    return;
  }
  const drift = await lookAgain([declaration], comparison);
  if (drift === undefined) {
    tally.inSync.add(declaration);
  } else {
    tally.drifts.push(drift);
  }
}

/** Applications and the like steer deployers, which may run in another cluster than the one that is compared. */
function isElsewhere(declaration: Declaration, tally: Tally): boolean {
  return (
    liveCount(tally, declaration.reference) === 0 &&
    declarationKind(objectOf(declaration)) !== undefined
  );
}
