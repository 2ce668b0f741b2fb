/**
 * A place on objects of ours for what is derived from them. Holds it under a symbol that neither spreads nor compares,
 * because a WeakMap costs the collector far more where most of its keys die young, as the objects of admission reviews
 * do. Frozen objects are remembered in a WeakMap all the same.
 */
export interface Attachment<Holder extends object, Value> {
  get(holder: Holder): Value | undefined;
  set(holder: Holder, value: Value): void;
}

/** Makes an {@link Attachment} that no other one can see. */
export function createAttachment<Holder extends object, Value>(
  name: string,
): Attachment<Holder, Value> {
  const slot = Symbol(name);
  const frozen = new WeakMap<object, Value>();
  return {
    get(holder) {
      const value = (holder as { readonly [slot]?: Value })[slot];
      return value === undefined && !Object.isExtensible(holder) ? frozen.get(holder) : value;
    },
    set(holder, value) {
      if (Object.isExtensible(holder)) {
        Object.defineProperty(holder, slot, { value, writable: true });
      } else {
        frozen.set(holder, value);
      }
    },
  };
}
