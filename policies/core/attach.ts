/**
 * A place on objects of ours for what is derived from them. Neither spreads nor compares, and goes with its object.
 * Holds it in a private field: that costs a quarter of defining a hidden property, and a WeakMap costs the collector
 * far more where most of its keys die young, as the objects of admission reviews do.
 */
export interface Attachment<Holder extends object, Value> {
  get(holder: Holder): Value | undefined;
  set(holder: Holder, value: Value): void;
}

/** Gives any object as the new one, so that the fields of a class derived from it are put on that object. */
const Holding = function (holder: object) {
  return holder;
} as unknown as new (holder: object) => object;

/** Makes an {@link Attachment} that no other one can see. */
export function createAttachment<Holder extends object, Value>(): Attachment<Holder, Value> {
  // Objects that are sealed or frozen need not take private fields.
  const fixed = new WeakMap<object, Value>();
  let areFixed = false;
  class Attached extends Holding {
    #value: Value | undefined;

    static get(holder: object): Value | undefined {
      return #value in holder ? holder.#value : undefined;
    }

    static set(holder: object, value: Value): void {
      const attached = #value in holder ? holder : new Attached(holder);
      attached.#value = value;
    }
  }
  return {
    get: (holder) => Attached.get(holder) ?? (areFixed ? fixed.get(holder) : undefined),
    set(holder, value) {
      if (Object.isExtensible(holder)) {
        Attached.set(holder, value);
      } else {
        areFixed = true;
        fixed.set(holder, value);
      }
    },
  };
}
