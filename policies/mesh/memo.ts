import { createAttachment } from '../core/attach.ts';

/** Remembers what was computed about an object until the mesh changes. */
export type Memo = <Value>(about: object, topic: string, compute: () => Value) => Value;

interface Known {
  /** Whose knowledge it is: one memo's, since it last forgot. */
  readonly owner: object;
  readonly topics: Map<string, unknown>;
}

const attached = createAttachment<object, Known>('memo');

/** A memo and the way to empty it. Entries go with the objects that they are about; the last memo to ask keeps them. */
export function createMemo(): { readonly memo: Memo; forget(): void } {
  let owner = {};
  let used = false;
  return {
    memo<Value>(about: object, topic: string, compute: () => Value): Value {
      let known = attached.get(about);
      if (known?.owner !== owner) {
        known = { owner, topics: new Map() };
        attached.set(about, known);
        used = true;
      }
      const { topics } = known;
      if (!topics.has(topic)) {
        topics.set(topic, compute());
      }
      return topics.get(topic) as Value;
    },
    forget() {
      if (used) {
        owner = {};
        used = false;
      }
    },
  };
}
