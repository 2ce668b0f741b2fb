import { pino, type DestinationStream, type Logger } from 'pino';
import type { GateAnswer } from './gate.ts';
import type { AdmissionGate, AdmissionRequest } from './request.ts';

/** What the servers log through. */
export type { Logger } from 'pino';

const textLimit = 256;
// Writing costs as much as a review, whatever its size; `periodicFlush` bounds how old a line gets.
const batchCharacters = 32_768;

/** The standard error, written to in batches at most a tenth of a second old; {@link writeOut} before the process ends. */
export function standardError(): ReturnType<typeof pino.destination> {
  return pino.destination({
    dest: 2,
    sync: false,
    minLength: batchCharacters,
    // What is written at once, which must hold a batch.
    maxWrite: 2 * batchCharacters,
    periodicFlush: 100,
  });
}

/** Writes what is left, after the batch that is under way: a flush at once would overtake it. */
export async function writeOut(destination: ReturnType<typeof standardError>): Promise<void> {
  await new Promise((resolve) => {
    destination.flush(resolve);
  });
  destination.flushSync();
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

/** Writes one line for one review: who and what, never the object itself. */
export type ReviewLog = (
  gate: AdmissionGate,
  request: AdmissionRequest,
  answer: GateAnswer,
  durationMilliseconds: number,
) => void;

/** Makes what logs reviews: a line as the logger would write it at level info, put together by hand. */
export function createReviewLog(logger: Logger): ReviewLog {
  const destination = (logger as unknown as Readonly<Record<symbol, DestinationStream>>)[
    pino.symbols.streamSym
  ];
  const isoTime = createIsoTime();
  return (gate, request, answer, durationMilliseconds) => {
    if (logger.isLevelEnabled('info')) {
      const time = isoTime(Date.now());
      destination?.write(
        `{"level":"info","time":"${time}",${fields(gate, request, answer)},` +
          `"durationMilliseconds":${durationMilliseconds.toFixed(3)},"msg":"review"}\n`,
      );
    }
  };
}

function fields(gate: AdmissionGate, request: AdmissionRequest, answer: GateAnswer): string {
  const { uid, operation, kind, namespace, name, dryRun } = request;
  return (
    `"uid":${quoted(uid)},"gate":"${gate}","operation":"${operation}","kind":${quoted(kind.kind)},` +
    `"namespace":${quoted(namespace)},"name":${quoted(name)},${dryRun ? '"dryRun":true,' : ''}` +
    `"verdict":"${answer.verdict}",` +
    (answer.untouched === undefined ? '' : `"untouched":${quoted(answer.untouched)},`) +
    `"policies":${policiesOf(answer)},"patchOperations":${String(answer.operations)}`
  );
}

function policiesOf({ filled, findings }: GateAnswer): string {
  return filled.length === 0 && findings.length === 0
    ? '[]'
    : JSON.stringify([...new Set([...filled, ...findings.map(({ finding }) => finding.policy)])]);
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= textLimit ? text : `${text.slice(0, textLimit)}…`);
}

/** ISO 8601 with milliseconds; the part down to the second is made once a second. */
function createIsoTime(): (now: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (now) => {
    const current = Math.floor(now / 1000);
    if (current !== second) {
      second = current;
      prefix = new Date(current * 1000).toISOString().slice(0, -4);
    }
    return `${prefix}${String(now - current * 1000).padStart(3, '0')}Z`;
  };
}
