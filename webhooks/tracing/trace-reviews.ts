import type { IncomingHttpHeaders } from 'node:http';
import type { GateAnswer } from '../admission/gate.ts';
import type { AdmissionGate, AdmissionRequest } from '../admission/request.ts';
import type { SpanExporter } from './exporter.ts';
import { placeUnder } from './span.ts';

/** Told of each review once it is answered. */
export type ReviewTrace = (review: {
  readonly headers: IncomingHttpHeaders;
  readonly gate: AdmissionGate;
  readonly request: AdmissionRequest;
  readonly answer: GateAnswer;
  /** Since the call's headers had arrived. */
  readonly durationMilliseconds: number;
}) => void;

/** Makes what turns each review into a span: who and what, never the object itself. */
export function traceReviews(exporter: SpanExporter): ReviewTrace {
  return ({ headers, gate, request, answer, durationMilliseconds }) => {
    const { traceparent } = headers;
    const place = placeUnder(typeof traceparent === 'string' ? traceparent : undefined);
    if (place === undefined) {
      return;
    }
    // The time of day, which the clock of a process that runs for long strays from.
    const end = Date.now();
    exporter.export({
      ...place,
      name: `admission ${gate}`,
      startMilliseconds: end - durationMilliseconds,
      endMilliseconds: end,
      attributes: {
        'k8s.admission.uid': request.uid.slice(0, 256),
        'k8s.admission.operation': request.operation,
        'k8s.admission.kind': request.kind.kind.slice(0, 256),
        'k8s.namespace.name': request.namespace.slice(0, 256),
        'k8s.admission.name': request.name.slice(0, 256),
        'k8s.admission.dry_run': request.dryRun,
        'meshgate.gate': gate,
        'meshgate.verdict': answer.verdict,
        'meshgate.findings': answer.findings.length,
        'meshgate.patch_operations': answer.operations,
        ...(answer.untouched === undefined ? {} : { 'meshgate.untouched': answer.untouched }),
      },
      failed: answer.untouched === 'internal-error',
    });
  };
}
