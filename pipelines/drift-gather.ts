import { isObject } from '../policies/core/json.ts';
import type { DriftJob } from './drift-job.ts';
import { fitFleet } from './present/drift-answer.ts';
import { fleetReport, type FleetMember, type JsonFleet } from './present/fleet-report.ts';

/** Checks at a time; each is an invocation of its own. */
const parallelChecks = 8;

/** Has each job done and gives one report over all; a job that fails costs its own cluster alone. */
export async function gatherFleet(
  jobs: readonly DriftJob[],
  check: (job: DriftJob) => Promise<unknown>,
): Promise<JsonFleet> {
  const members: FleetMember[] = [];
  const waiting = jobs.entries();
  const workers = Array.from({ length: parallelChecks }, async () => {
    for (const [index, job] of waiting) {
      members[index] = await checkOne(job, check);
    }
  });
  await Promise.all(workers);
  return fitFleet(fleetReport(members));
}

async function checkOne(
  job: DriftJob,
  check: (job: DriftJob) => Promise<unknown>,
): Promise<FleetMember> {
  const cluster = job.target ?? '';
  try {
    const report = await check(job);
    return isObject(report)
      ? { cluster, report }
      : { cluster, problem: 'the function gave no report' };
  } catch (error) {
    return { cluster, problem: error instanceof Error ? error.message : String(error) };
  }
}
