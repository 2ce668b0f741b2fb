/** A point in time after which something happens, until it is ended. */
export interface Deadline {
  readonly at: number;
  readonly expire: () => void;
  isOverdue: boolean;
}

/** Deadlines that share one timer. */
export interface Deadlines {
  start(milliseconds: number, expire: () => void): Deadline;
  end(deadline: Deadline): void;
}

const tickMilliseconds = 20;

/**
 * Makes deadlines that are kept to within two ticks: between them the event loop reads what had arrived in time while
 * it was busy with something else. One timer looks after all of them while there are any, since setting
 * and clearing one for each call costs more than looking through the few that are open.
 */
export function createDeadlines(): Deadlines {
  const open = new Set<Deadline>();
  let ticking: NodeJS.Timeout | undefined;

  function expireOnce(deadline: Deadline): void {
    if (deadline.isOverdue) {
      open.delete(deadline);
      deadline.expire();
    }
    deadline.isOverdue = true;
  }
  function tick(): void {
    const now = performance.now();
    for (const deadline of open) {
      if (now >= deadline.at) {
        expireOnce(deadline);
      }
    }
    if (open.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  }
  return {
    start(milliseconds, expire) {
      const deadline = { at: performance.now() + milliseconds, expire, isOverdue: false };
      open.add(deadline);
      ticking ??= setInterval(tick, tickMilliseconds);
      return deadline;
    },
    end(deadline) {
      open.delete(deadline);
    },
  };
}
