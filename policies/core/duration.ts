declare const millisecondsBrand: unique symbol;

/** A length of time in milliseconds, fractions included; made by {@link milliseconds}, {@link seconds} and {@link parseDuration}. */
export type Milliseconds = number & { readonly [millisecondsBrand]: true };

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const longestMilliseconds = 9_223_372_036_854.775;

/** A number of milliseconds as a duration. */
export function milliseconds(amount: number): Milliseconds {
  return amount as Milliseconds;
}

/** A number of seconds as a duration. */
export function seconds(amount: number): Milliseconds {
  return (amount * 1000) as Milliseconds;
}

/** A duration in seconds, fractions included. */
export function inSeconds(duration: Milliseconds): number {
  return duration / 1000;
}

/**
 * Reads a duration as Go's `time.ParseDuration` does, which is also how Istio reads protobuf durations
 * (`150s`, `2m30s`, `1.5h`, `-5s`, `0`). Undefined for anything else: no unit, spaces, over 292 years.
 */
export function parseDuration(text: string): Milliseconds | undefined {
  if (/^\d{1,9}s$/u.test(text)) {
    return seconds(Number(text.slice(0, -1)));
  }
  const [, sign, body = ''] = /^([+-]?)(.*)$/su.exec(text) ?? [];
  if (body === '0') {
    return milliseconds(0);
  }
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[nu\u{B5}\u{3BC}m]?s|m|h))+$/u.test(body)) {
    return undefined;
  }
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/([\d.]+)([nu\u{B5}\u{3BC}m]?s|m|h)/gu)) {
    total += Number(amount) * (unitMilliseconds[unit ?? ''] ?? Number.NaN);
  }
  if (!(total <= longestMilliseconds)) {
    return undefined;
  }
  return milliseconds(sign === '-' && total !== 0 ? -total : total);
}

/** The duration as people and Istio write it in seconds: `150s`, `1.5s`. Rounded up to a whole millisecond. */
export function formatDuration(duration: Milliseconds): string {
  const wholeNanoseconds = Math.round(duration * 1e6);
  return `${String(Math.ceil(wholeNanoseconds / 1e6) / 1000)}s`;
}
