import { describeReference } from '../../policies/core/resource.ts';
import type { DriftReport, ObjectDrift } from '../drift/report.ts';
import { annotation, mostAnnotations, type CheckOutcome } from './check-run.ts';
import { driftHeadline, driftMarkdown } from './drift-markdown.ts';
import { byEffect, verdictCounts } from './drift-words.ts';
import { prose, shorten } from './markdown-text.ts';

const longestTitle = 250;

/** A comparison as a check run: it fails where the cluster drifts, and is never green where not all could be told. */
export function driftCheck(report: DriftReport): CheckOutcome {
  const { judged, declared } = report.coverage;
  return {
    conclusion: conclusions[report.verdict],
    title: shorten(driftHeadline(report), longestTitle),
    summary: `${prose(verdictCounts(report))}. ${String(judged)} of ${String(declared)} declared objects could be judged.`,
    text: driftMarkdown(report),
    annotations: byEffect(report).flatMap(driftAnnotation).slice(0, mostAnnotations),
  };
}

const conclusions = { 'in-sync': 'success', drift: 'failure', undetermined: 'neutral' } as const;

function driftAnnotation(drift: ObjectDrift) {
  const { file, line = 1, reference, verdict, why, remedy } = drift;
  if (file === undefined) {
    return [];
  }
  const text = `${describeReference(reference)}: ${why}\n${remedy}`;
  return [annotation(file, line, 'warning', text, `drift: ${verdict}`)];
}
