import { pino, type DestinationStream, type Logger } from 'pino';
import type { GateAnswer } from './gate.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';

/** What the servers log through. */
export type { Logger } from 'pino';

const textLimit = 256;

/** The standard error, written to in batches at most a tenth of a second old; `flushSync` before the process ends. */
export function standardError(): ReturnType<typeof pino.destination> {
  return pino.destination({ dest: 2, sync: false, minLength: 4096, periodicFlush: 100 });
}

/** A logger that writes one line of JSON an entry, with the time in ISO 8601. */
export function createLogger(destination: DestinationStream, level = 'info'): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

/** One line for one review: who and what, never the object itself. */
export function logReview(
  logger: Logger,
  gate: AdmissionGate,
  request: AdmissionRequest,
  answer: GateAnswer,
  durationMilliseconds: number,
): void {
  logger.info(
    {
      uid: short(request.uid),
      gate,
      operation: request.operation,
      kind: short(request.kind.kind),
      namespace: short(request.namespace),
      name: short(request.name),
      dryRun: request.dryRun ? true : undefined,
      verdict: answer.verdict,
      untouched: answer.untouched,
      policies: policiesOf(answer),
      patchOperations: answer.operations,
      durationMilliseconds: Math.round(durationMilliseconds * 1000) / 1000,
    },
    'review',
  );
}

function policiesOf(answer: GateAnswer): readonly string[] {
  return [...new Set([...answer.filled, ...answer.findings.map(({ finding }) => finding.policy)])];
}

function short(text: string): string {
  return text.length <= textLimit ? text : `${text.slice(0, textLimit)}…`;
}
