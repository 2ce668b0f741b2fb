import type { Example } from '../../core/policy.ts';

export const interceptedPortsExamples: readonly Example[] = [];
