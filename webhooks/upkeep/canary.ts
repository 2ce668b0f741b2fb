import { randomUUID } from 'node:crypto';
import { ApiStatusError } from '../../pipelines/source/cluster-transport.ts';
import { apiPath, type ClusterWriter } from '../../pipelines/source/cluster-writer.ts';
import { canaryDenial, canaryObject } from '../admission/canary.ts';
import type { CanaryOutcome } from './failure-policy.ts';

/** What became of one canary, and what the API server said where it did not pass. */
export interface CanaryResult {
  readonly outcome: CanaryOutcome;
  readonly detail: string;
}

const notTheCanary = new Set([408, 429]);

/** Has the API server create the known-bad object as a dry run, and looks whether it is our denial that comes back. */
export async function sendCanary(writer: ClusterWriter, namespace: string): Promise<CanaryResult> {
  const mark = randomUUID();
  const collection = apiPath({ apiVersion: 'v1', resource: 'configmaps', namespace });
  try {
    await writer.create(collection, canaryObject(namespace, mark), { dryRun: true });
    return {
      outcome: 'failed',
      detail: 'the canary was let through: no webhook of ours denied it',
    };
  } catch (error) {
    if (!(error instanceof ApiStatusError)) {
      return { outcome: 'unknown', detail: error instanceof Error ? error.message : String(error) };
    }
    if (error.detail.includes(canaryDenial(mark))) {
      return { outcome: 'passed', detail: '' };
    }
    const isUnknown = error.status >= 500 || notTheCanary.has(error.status);
    return { outcome: isUnknown ? 'unknown' : 'failed', detail: error.message };
  }
}
