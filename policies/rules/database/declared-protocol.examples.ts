import type { Example } from '../../core/policy.ts';

export const declaredProtocolExamples: readonly Example[] = [];
