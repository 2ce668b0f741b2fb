import * as z from 'zod';

const repository = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/u);
const commit = z.string().regex(/^[\da-f]{40,64}$/u);

const jobSchema = z.strictObject({
  version: z.literal(1),
  /** `OWNER/REPO` with the configuration that names the clusters; that of the function where it is absent. */
  repository: repository.optional(),
  installation: z.int().positive().optional(),
  /** Of that repository; the newest one of its default branch where it is absent. */
  commit: commit.optional(),
  /** Name of a cluster; to the planner, the only one to be compared. */
  target: z.string().max(100).optional(),
  /** Give the report alone, and say it nowhere else. */
  quiet: z.boolean().optional(),
  /** To the planner: wait for the reports and give them all. */
  wait: z.boolean().optional(),
});

/** What the functions of the drift gate are asked, by schedule, by each other or by a person: names only. */
export type DriftJob = z.output<typeof jobSchema>;

/** The job in a value that came over a wire, or undefined where it is none. */
export function readDriftJob(value: unknown): DriftJob | undefined {
  return jobSchema.safeParse(value).data;
}

/** What to say of an event that is none. */
export const unreadableJob =
  'the event is no job of the drift gate: it must hold "version": 1 and may hold repository, installation, commit, target, quiet and wait, nothing else';
