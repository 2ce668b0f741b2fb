import type { Attributes } from './span.ts';

/** What OpenTelemetry's environment variables say; '' where they say nothing. */
export interface TracingEnvironment {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: base address of the collector. */
  readonly endpoint: string;
  /** OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole address for traces. */
  readonly tracesEndpoint: string;
  /** OTEL_EXPORTER_OTLP_HEADERS: `key=value,...`, percent-encoded; may hold a secret. */
  readonly headers: string;
  /** OTEL_SERVICE_NAME. */
  readonly serviceName: string;
  /** OTEL_RESOURCE_ATTRIBUTES: `key=value,...`, percent-encoded. */
  readonly resourceAttributes: string;
}

/** Where to send spans. */
export interface TracingSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Attributes;
}

/**
 * What the option and the environment ask for: undefined where neither names a collector, a text where what they name
 * is none. The option is a base address, as OTEL_EXPORTER_OTLP_ENDPOINT is.
 */
export function readTracing(
  option: string | undefined,
  environment: TracingEnvironment,
): TracingSettings | string | undefined {
  const base = option ?? environment.endpoint;
  const whole = option === undefined ? environment.tracesEndpoint : '';
  if (base === '' && whole === '') {
    return undefined;
  }
  const url = whole === '' ? `${base.replace(/\/+$/u, '')}/v1/traces` : whole;
  if (!URL.canParse(url) || !/^https?:$/u.test(new URL(url).protocol)) {
    return 'the OTLP endpoint must be an address such as http://collector:4318';
  }
  return {
    url,
    headers: readPairs(environment.headers),
    resource: {
      ...readPairs(environment.resourceAttributes),
      'service.name': environment.serviceName || 'meshgate',
    },
  };
}

function readPairs(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at <= 0 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
