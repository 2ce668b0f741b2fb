import type { Example } from '../../core/policy.ts';

export const sidecarInjectionExamples: readonly Example[] = [];
