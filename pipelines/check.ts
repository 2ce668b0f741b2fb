import { effectOf, severities, type Severity } from '../policies/core/finding.ts';
import { compareText } from '../policies/core/resource.ts';
import { judge, type Judged, type Rules } from './judge.ts';
import type { LocatedFinding } from './locate.ts';
import { readManifests, type InputError, type LocatedResource } from './render/manifests.ts';
import type { Sources } from './source/read-sources.ts';

/** How much was read, and how much was found before anything is filtered. */
export interface Summary {
  /** YAML and JSON documents that are not empty. */
  readonly documents: number;
  /** Kubernetes objects of any kind. */
  readonly objects: number;
  readonly error: number;
  readonly warning: number;
  readonly info: number;
}

/** What `meshgate check` knows in the end. */
export interface CheckReport {
  /** Sorted by file, line, policy; those that were asked for, where the summary counts all. */
  readonly findings: readonly LocatedFinding[];
  /** All of them, with what they are about. */
  readonly judged: readonly Judged[];
  readonly errors: readonly InputError[];
  readonly notes: readonly string[];
  /** Findings that the configuration or an annotation exempts. */
  readonly exempted: number;
  readonly summary: Summary;
}

/** Told how far a check is, in files. */
export type Progress = (done: number, total: number) => void;

/**
 * Checks manifests that were read: all make one mesh, then each is judged in it. Findings milder than `mildest` are
 * counted and not placed, which costs more than judging them.
 */
export async function check(
  sources: Sources,
  rules: Rules,
  progress?: Progress,
  mildest: Severity = 'info',
): Promise<CheckReport> {
  const resources: LocatedResource[] = [];
  const errors = [...sources.errors];
  let documents = 0;
  let objects = 0;
  for (const [index, { file, text }] of sources.texts.entries()) {
    progress?.(index, sources.texts.length);
    const manifests = readManifests(file, text);
    for (const resource of manifests.resources) {
      resources.push(resource);
    }
    errors.push(...manifests.errors);
    documents += manifests.documents;
    objects += manifests.objects;
  }
  for (const resource of sources.rendered ?? []) {
    resources.push(resource);
    objects += 1;
    documents += 1;
  }
  const { judged, exempted } = judge(resources, rules);
  const least = severities.indexOf(mildest);
  const findings = await locateAll(
    judged.filter(({ finding }) => severities.indexOf(finding.severity) >= least),
  );
  return {
    findings,
    judged,
    errors: errors.toSorted(
      (left, right) => compareText(left.file, right.file) || left.line - right.line,
    ),
    notes: sources.notes,
    exempted,
    summary: { documents, objects, ...countSeverities(judged) },
  };
}

/** Whether the configuration lets nothing through that has these findings. */
export function blocks(findings: readonly LocatedFinding[]): boolean {
  return findings.some(({ finding }) => effectOf(finding) === 'block');
}

/** Places are read from the source only where there is something to show, by a module that takes long to load. */
async function locateAll(judged: readonly Judged[]): Promise<readonly LocatedFinding[]> {
  if (judged.length === 0) {
    return [];
  }
  const { locateFindings } = await import('./locate.ts');
  return locateFindings(judged);
}

function countSeverities(findings: readonly Judged[]): Pick<Summary, 'error' | 'warning' | 'info'> {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { finding } of findings) {
    counts[finding.severity] += 1;
  }
  return counts;
}
