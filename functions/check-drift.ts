import { checkCluster } from '../pipelines/drift-check.ts';
import { readDriftJob, unreadableJob } from '../pipelines/drift-job.ts';
import { fitDriftReport } from '../pipelines/present/drift-answer.ts';
import { toJsonDrift } from '../pipelines/present/json-drift.ts';
import { metricLines, tellDrift } from '../pipelines/tell-drift.ts';
import { createDriftRunner } from './drift-runner.ts';
import { readNotifyTargets } from './environment.ts';

/** What Lambda says of an invocation. */
interface Context {
  getRemainingTimeInMillis(): number;
}

/** Kept back for the log and the answer, whatever GitHub takes. */
const answerMilliseconds = 5000;

const runner = await createDriftRunner();
const targets = readNotifyTargets();

/**
 * Compares one cluster with Git, says so where people look, and answers the report. Doing it again leaves what doing it
 * once does. Rejects where it could not be done or told, so that Lambda tries again and then keeps the event; the log and
 * the metrics have the verdict all the same.
 */
export async function handler(event: unknown, context: Context): Promise<unknown> {
  const job = readDriftJob(event);
  if (job === undefined) {
    throw new Error(unreadableJob);
  }
  const deadline = Date.now() + context.getRemainingTimeInMillis() - answerMilliseconds;
  const checked = await checkCluster(job, await runner(), deadline);
  const told = job.quiet === true ? undefined : await tellDrift(checked, targets);
  const { report, commit } = checked;
  const { cluster, verdict, coverage } = report;
  console.log(
    JSON.stringify({
      message: 'drift',
      cluster,
      commit,
      verdict,
      coverage,
      drifts: report.drifts.length,
      unknown: report.unknown.length,
      ...told,
    }),
  );
  if (job.quiet !== true) {
    // Past the console, which would wrap them: CloudWatch reads a line that is the object itself.
    process.stdout.write(
      metricLines(checked)
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  const problems = told?.problems ?? [];
  if (told?.again === true) {
    throw new Error(`${cluster}: ${verdict}, which could not be told: ${problems.join('; ')}`);
  }
  const answer = toJsonDrift(report);
  return fitDriftReport({ ...answer, notes: [...answer.notes, ...problems] });
}
