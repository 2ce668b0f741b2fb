import type { DriftReport } from '../../pipelines/drift/report.ts';
import type { Sources } from '../../pipelines/source/read-sources.ts';

/** What was found, and in what. */
export interface FoundDrift {
  readonly reports: readonly DriftReport[];
  readonly sources: Sources;
  readonly paths: readonly string[];
}
