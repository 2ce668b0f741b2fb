import type { Review } from '../../pipelines/review.ts';

/** A review that found nothing, but for what `rest` says. */
export function reviewOf(rest: Partial<Review>): Review {
  return {
    verdict: 'clear',
    base: '0123456789abcdef0123456789abcdef01234567',
    head: 'fedcba9876543210fedcba9876543210fedcba98',
    introduced: [],
    resolved: [],
    remaining: [],
    changes: [],
    meaning: [],
    chartStamps: 0,
    counts: [],
    rendered: { roots: 0, kubeVersion: '1.34.0' },
    steps: [],
    unreadable: [],
    leftOut: [],
    configurationChanges: false,
    rootNamespace: 'istio-system',
    ...rest,
  };
}
