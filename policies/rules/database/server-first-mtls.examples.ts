import type { Example } from '../../core/policy.ts';

export const serverFirstMtlsExamples: readonly Example[] = [];
