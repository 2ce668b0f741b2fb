import { builtinFinding, exemptionNotHonoured, type BuiltinReport } from './builtin.ts';
import type { Exempted } from './evaluate.ts';
import type { Finding } from './finding.ts';
import { stringIn } from './json.ts';
import type { KindName } from './kinds.ts';
import { namespaceOf } from './match.ts';
import { suggestion } from './nearest.ts';
import { pointer, type Pointer } from './pointer.ts';
import { coversPolicy } from './policy-name.ts';
import type { Resource } from './resource.ts';

/** The annotation by which an object declares itself exempt: `<policy>: <reason>`, one a line. */
const exemptAnnotation = 'meshgate.dev/exempt';

type NotHonoured = BuiltinReport<keyof typeof exemptionNotHonoured.messages>;
type Line = readonly [policy: string, reason: string];

type Path = readonly string[];

const ownPath: Path = ['metadata', 'annotations', exemptAnnotation];
const ofPods: readonly Path[] = [ownPath, ['spec', 'template', ...ownPath]];
/** Where the annotation is: on the object, and on the Pods that it makes. */
const annotationPaths: Readonly<Partial<Record<KindName, readonly Path[]>>> = {
  Deployment: ofPods,
  StatefulSet: ofPods,
  DaemonSet: ofPods,
  ReplicaSet: ofPods,
  Job: ofPods,
  Rollout: ofPods,
  CronJob: [ownPath, ['spec', 'jobTemplate', 'spec', 'template', ...ownPath]],
};
const ownPaths: readonly Path[] = [ownPath];

/** Remarks about one annotation are bounded, whatever it holds; so is what they quote of a line. */
const mostRemarks = 10;
const longestQuote = 80;

/** The exemption from a policy that the object's own annotation or its pod template's declares. Cost: their lines. */
export function annotatedExemption(resource: Resource, policy: string): Exempted | undefined {
  for (const { text } of annotationsOf(resource)) {
    for (const [named, reason] of linesOf(text)) {
      if (reason !== '' && coversPolicy(named, policy)) {
        return { source: 'annotation', reason };
      }
    }
  }
  return undefined;
}

/** What has no effect in the annotation of an object; `names` are the valid policies and topics. */
export function remarksOnAnnotation(
  resource: Resource,
  isAllowed: () => boolean,
  names: ReadonlySet<string>,
): readonly Finding[] {
  const remarks: Finding[] = [];
  for (const { at, text } of annotationsOf(resource)) {
    const reports = isAllowed() ? misreadLines(at, text, names) : [notAllowed(at, resource)];
    for (const report of reports) {
      remarks.push(builtinFinding(exemptionNotHonoured, resource, report));
    }
  }
  return remarks;
}

function notAllowed(at: Pointer, resource: Resource): NotHonoured {
  const namespace = namespaceOf(resource);
  const place = namespace === '' ? 'objects outside all namespaces' : `the namespace ${namespace}`;
  return { message: 'not-allowed', at, data: { place } };
}

function misreadLines(at: Pointer, text: string, names: ReadonlySet<string>): NotHonoured[] {
  const reports: NotHonoured[] = [];
  for (const [policy, reason] of linesOf(text)) {
    if (reports.length === mostRemarks) {
      break;
    }
    const line = quote(reason === '' ? policy : `${policy}: ${reason}`);
    if (!names.has(policy)) {
      const hint = suggestion(policy, [...names]) || '.';
      reports.push({ message: 'unknown-policy', at, data: { line, suggestion: hint } });
    } else if (reason === '') {
      reports.push({ message: 'no-reason', at, data: { line } });
    }
  }
  return reports;
}

function quote(line: string): string {
  return line.length > longestQuote ? `${line.slice(0, longestQuote)}...` : line;
}

function annotationsOf(resource: Resource): { readonly at: Pointer; readonly text: string }[] {
  const found: { at: Pointer; text: string }[] = [];
  for (const path of annotationPaths[resource.type] ?? ownPaths) {
    const text = stringIn(resource.object, ...path);
    if (text !== undefined) {
      found.push({ at: pointer(...path), text });
    }
  }
  return found;
}

function* linesOf(text: string): Generator<Line> {
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const policy = (colon < 0 ? line : line.slice(0, colon)).trim();
    const reason = colon < 0 ? '' : line.slice(colon + 1).trim();
    if (policy !== '' || reason !== '') {
      yield [policy, reason];
    }
  }
}
