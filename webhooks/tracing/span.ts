import { randomBytes } from 'node:crypto';

/** What a span says of a review, as OpenTelemetry names it. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** One finished span. */
export interface Span {
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Of the caller's span; undefined where the caller traces nothing. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly startMilliseconds: number;
  readonly endMilliseconds: number;
  readonly attributes: Attributes;
  readonly failed: boolean;
}

/** The place of a span among others. */
export type SpanPlace = Pick<Span, 'traceId' | 'spanId' | 'parentSpanId'>;

/**
 * The place of a new span under the caller's `traceparent` (W3C Trace Context), which the API server sends where it
 * traces itself; at the root of a new trace where there is none. Undefined where the caller wants no trace of this.
 */
export function placeUnder(traceparent: string | undefined): SpanPlace | undefined {
  const spanId = randomBytes(8).toString('hex');
  const [, traceId, parentSpanId, flags] =
    /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/u.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || parentSpanId === undefined || flags === undefined) {
    return { traceId: randomBytes(16).toString('hex'), spanId, parentSpanId: undefined };
  }
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return isSampled ? { traceId, spanId, parentSpanId } : undefined;
}
