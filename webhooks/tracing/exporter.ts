import { encodeSpans } from './otlp.ts';
import type { Attributes, Span } from './span.ts';

/** Where spans go. */
export interface CollectorOptions {
  /** The whole address, as `https://collector:4318/v1/traces`. */
  readonly url: string;
  /** Sent with each request; may hold a secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Attributes;
  /** Told how many spans arrived, or did not and why. */
  readonly reports: {
    sent(spans: number): void;
    lost(spans: number, reason: string): void;
  };
}

/** Takes spans and sends them in batches. */
export interface SpanExporter {
  export(span: Span): void;
  /** Sends what is left, and takes no more. */
  stop(): Promise<void>;
}

const mostWaiting = 2_048;
const batchSpans = 512;
const batchMilliseconds = 2_000;
const requestMilliseconds = 5_000;
const attempts = 3;
const retryMilliseconds = 500;
/** What a collector answers where trying again may help. Source: OTLP specification, "Retryable response codes". */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Makes an exporter. Never blocks and never fails its caller: spans that find no room or no collector are lost, and told. */
export function createSpanExporter(options: CollectorOptions): SpanExporter {
  let waiting: Span[] = [];
  let sending: Promise<void> = Promise.resolve();
  let isSending = false;
  let isStopped = false;
  const ticking = setInterval(flush, batchMilliseconds);
  ticking.unref();

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchSpans);
      waiting = waiting.slice(batchSpans);
      await send(batch, options);
    }
    isSending = false;
  }
  function flush(): void {
    if (!isSending && waiting.length > 0) {
      isSending = true;
      sending = sendAll();
    }
  }
  return {
    export(span) {
      if (isStopped || waiting.length >= mostWaiting) {
        options.reports.lost(1, isStopped ? 'stopped' : 'too many spans wait');
        return;
      }
      waiting.push(span);
      if (waiting.length >= batchSpans) {
        flush();
      }
    },
    async stop() {
      isStopped = true;
      clearInterval(ticking);
      await sending;
      flush();
      await sending;
    },
  };
}

async function send(
  spans: readonly Span[],
  { url, headers, resource, reports }: CollectorOptions,
): Promise<void> {
  const body = encodeSpans(resource, spans);
  let reason = '';
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const outcome = await post(url, headers, body);
    if (outcome === undefined) {
      reports.sent(spans.length);
      return;
    }
    reason = outcome.reason;
    if (!outcome.passing || attempt === attempts) {
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMilliseconds * attempt));
  }
  reports.lost(spans.length, reason);
}

/** Undefined where it arrived. The reason names no header and no address, which may hold secrets. */
async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly reason: string; readonly passing: boolean } | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(requestMilliseconds),
    });
    await response.body?.cancel();
    return response.ok
      ? undefined
      : {
          reason: `the collector answers ${String(response.status)}`,
          passing: passing.has(response.status),
        };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    return { reason: `the collector cannot be reached (${name})`, passing: true };
  }
}
