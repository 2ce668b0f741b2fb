import type { Attributes, Span } from './span.ts';

const serverKind = 2;
const errorStatus = 2;

/** Spans as the body of OTLP over HTTP in JSON (opentelemetry-proto `trace/v1`), all of one resource. */
export function encodeSpans(resource: Attributes, spans: readonly Span[]): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes(resource) },
        scopeSpans: [{ scope: { name: 'meshgate' }, spans: spans.map(encodeSpan) }],
      },
    ],
  });
}

function encodeSpan(span: Span): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: serverKind,
    startTimeUnixNano: nanoseconds(span.startMilliseconds),
    endTimeUnixNano: nanoseconds(span.endMilliseconds),
    attributes: encodeAttributes(span.attributes),
    status: span.failed ? { code: errorStatus } : {},
  };
}

/** 64 bits are more than a number of JavaScript holds, so JSON has them as text. */
function nanoseconds(milliseconds: number): string {
  return String(BigInt(Math.round(milliseconds * 1000)) * 1000n);
}

function encodeAttributes(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: encodeValue(value) }));
}

function encodeValue(value: string | number | boolean): object {
  if (typeof value === 'string') {
    return { stringValue: value };
  }
  if (typeof value === 'boolean') {
    return { boolValue: value };
  }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
