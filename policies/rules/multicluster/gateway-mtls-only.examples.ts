import type { Example } from '../../core/policy.ts';

/** Meshes in which the policy holds, and meshes in which it does not. */
export const gatewayMtlsOnlyExamples: readonly Example[] = [];
