/** Remembers what was computed about an object until the mesh changes. */
export type Memo = <Value>(about: object, topic: string, compute: () => Value) => Value;

/** A memo and the way to empty it. Entries go with the objects that they are about. */
export function createMemo(): { readonly memo: Memo; forget(): void } {
  let known = new WeakMap<object, Map<string, unknown>>();
  let used = false;
  return {
    memo<Value>(about: object, topic: string, compute: () => Value): Value {
      let topics = known.get(about);
      if (topics === undefined) {
        topics = new Map();
        known.set(about, topics);
        used = true;
      }
      if (!topics.has(topic)) {
        topics.set(topic, compute());
      }
      return topics.get(topic) as Value;
    },
    forget() {
      if (used) {
        known = new WeakMap();
        used = false;
      }
    },
  };
}
