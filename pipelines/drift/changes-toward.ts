import { isObject, member, type Json } from '../../policies/core/json.ts';
import { equalJson, type Change } from '../../policies/core/patch.ts';
import { extendPointer, type Pointer } from '../../policies/core/pointer.ts';

/**
 * The changes that make one value another: of single fields and items where that says it, of a whole list where items
 * came and went in its middle. Every change sees what the earlier ones leave.
 */
export function changesToward(
  at: Pointer,
  from: Json | undefined,
  to: Json | undefined,
): readonly Change[] {
  if (equalJson(from, to)) {
    return [];
  }
  if (to === undefined) {
    return [{ at, remove: true }];
  }
  if (isObject(from) && isObject(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) =>
      changesToward(extendPointer(at, key), member(from, key), member(to, key)),
    );
  }
  return Array.isArray(from) && Array.isArray(to)
    ? listChanges(at, from as readonly Json[], to as readonly Json[])
    : [{ at, value: to }];
}

function listChanges(at: Pointer, from: readonly Json[], to: readonly Json[]): readonly Change[] {
  if (from.length === to.length && from.length > 0) {
    return from.flatMap((item, index) => changesToward(extendPointer(at, index), item, to[index]));
  }
  let same = 0;
  while (same < from.length && same < to.length && equalJson(from[same], to[same])) {
    same += 1;
  }
  if (same === from.length && same > 0) {
    return to.slice(same).map((value, index) => ({ at: extendPointer(at, same + index), value }));
  }
  const removed = from.length - to.length;
  const isCut =
    removed > 0 && to.length > 0 && equalJson(to.slice(same), from.slice(same + removed));
  return isCut
    ? Array.from({ length: removed }, (_, index) => ({
        at: extendPointer(at, same + removed - 1 - index),
        remove: true as const,
      }))
    : [{ at, value: [...to] }];
}
