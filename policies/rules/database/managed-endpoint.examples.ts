import type { Example } from '../../core/policy.ts';

export const managedEndpointExamples: readonly Example[] = [];
