import { createAttachment } from '../core/attach.ts';
import { areUnchanged, type ReadLog } from './read-log.ts';

/** Remembers what was computed about an object, or about a name, until a kind changes that the computation read. */
export type Memo = <Value>(about: object | string, topic: string, compute: () => Value) => Value;

interface Known {
  /** Whose knowledge it is. */
  readonly owner: object;
  readonly topics: Topics;
}
type Topics = Map<string, Entry>;

interface Entry {
  readonly value: unknown;
  /** The kinds that its computation read. */
  readonly low: number;
  readonly high: number;
  /** When it was last known to hold. */
  seen: number;
}

const attached = createAttachment<object, Known>();
/** Names come and go with objects, and are forgotten all at once. */
const mostNames = 50_000;

/**
 * A memo over a mesh whose look-ups the log notes: a busy cluster, where Pods come and go, keeps what was computed from
 * Services and rules. Entries go with the objects that they are about; the last memo to ask keeps them.
 */
export function createMemo(log: ReadLog): Memo {
  const owner = {};
  const named = new Map<string, Topics>();

  function topicsOf(about: object | string): Topics {
    const known = typeof about === 'string' ? named.get(about) : ownTopics(attached.get(about));
    if (known !== undefined) {
      return known;
    }
    const topics: Topics = new Map();
    if (typeof about === 'string') {
      if (named.size >= mostNames) {
        named.clear();
      }
      named.set(about, topics);
    } else {
      attached.set(about, { owner, topics });
    }
    return topics;
  }
  function ownTopics(known: Known | undefined): Topics | undefined {
    return known?.owner === owner ? known.topics : undefined;
  }
  function holds(entry: Entry): boolean {
    if (entry.seen === log.now) {
      return true;
    }
    if (!areUnchanged(log, entry, entry.seen)) {
      return false;
    }
    entry.seen = log.now;
    return true;
  }

  return <Value>(about: object | string, topic: string, compute: () => Value): Value => {
    const topics = topicsOf(about);
    const known = topics.get(topic);
    const entry = known !== undefined && holds(known) ? known : computeEntry(compute, log);
    if (entry !== known) {
      topics.set(topic, entry);
    }
    // Whoever computes with this has read what it read.
    log.low |= entry.low;
    log.high |= entry.high;
    return entry.value as Value;
  };
}

function computeEntry(compute: () => unknown, log: ReadLog): Entry {
  const { low, high } = log;
  log.low = 0;
  log.high = 0;
  try {
    const value = compute();
    return { value, low: log.low, high: log.high, seen: log.now };
  } finally {
    log.low |= low;
    log.high |= high;
  }
}
