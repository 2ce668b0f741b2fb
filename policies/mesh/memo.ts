import { createAttachment } from '../core/attach.ts';

/** Remembers what was computed about an object, or about a name, until the mesh changes. */
export type Memo = <Value>(about: object | string, topic: string, compute: () => Value) => Value;

interface Known {
  /** Whose knowledge it is: one memo's, since it last forgot. */
  readonly owner: object;
  readonly topics: Map<string, unknown>;
}

const attached = createAttachment<object, Known>();

/** A memo and the way to empty it. Entries go with the objects that they are about; the last memo to ask keeps them. */
export function createMemo(): { readonly memo: Memo; readonly forget: () => void } {
  let owner = {};
  let used = false;
  const named = new Map<string, Map<string, unknown>>();

  function topicsOf(about: object | string): Map<string, unknown> {
    const known = typeof about === 'string' ? named.get(about) : ownTopics(attached.get(about));
    if (known !== undefined) {
      return known;
    }
    const topics = new Map<string, unknown>();
    used = true;
    if (typeof about === 'string') {
      named.set(about, topics);
    } else {
      attached.set(about, { owner, topics });
    }
    return topics;
  }

  function ownTopics(known: Known | undefined): Map<string, unknown> | undefined {
    return known?.owner === owner ? known.topics : undefined;
  }

  return {
    memo<Value>(about: object | string, topic: string, compute: () => Value): Value {
      const topics = topicsOf(about);
      if (!topics.has(topic)) {
        topics.set(topic, compute());
      }
      return topics.get(topic) as Value;
    },
    forget() {
      if (used) {
        owner = {};
        named.clear();
        used = false;
      }
    },
  };
}
