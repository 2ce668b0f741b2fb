const largestUnsigned = 2 ** 64;
const prefixedInteger = /^[+-]?0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+|[0-7]+)$/u;
const decimal = /^[+-]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][+-]?\d+)?$/u;
const decimalWithUnderscores = /^\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?$/u;
const special = /^(?:[+-]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/u;

/**
 * A plain scalar that begins with a digit or a sign as a number, or undefined where go-yaml v2 takes it for a text.
 * Underscores are dropped; `0x`, `0o`, `0b` and a leading 0 choose the base, as in Go.
 */
export function parseNumber(source: string): number | undefined {
  const text = source.includes('_') ? source.replaceAll('_', '') : source;
  const code = source.charCodeAt(0);
  if (code === 0x5f || code === 0x2e) {
    return undefined;
  }
  if (prefixedInteger.test(text)) {
    const value = prefixedValue(text);
    if (Math.abs(value) < largestUnsigned) {
      return value;
    }
  }
  if (!decimal.test(text)) {
    return undefined;
  }
  const value = Number(text);
  return Number.isFinite(value) ? noNegativeZero(value) : undefined;
}

/** A plain scalar that begins with a dot, or the special values; these throw, because JSON cannot hold them. */
export function parseFloatText(source: string): number | undefined {
  if (special.test(source)) {
    throw new RangeError(
      `${source} is no number that JSON can hold: write a finite one, or quote it`,
    );
  }
  if (!decimalWithUnderscores.test(source)) {
    return undefined;
  }
  const value = Number(source.replaceAll('_', ''));
  return Number.isFinite(value) ? value : undefined;
}

function prefixedValue(text: string): number {
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  const value = /^0\d/u.test(body) ? Number(`0o${body}`) : Number(body.toLowerCase());
  return noNegativeZero(negative ? -value : value);
}

function noNegativeZero(value: number): number {
  return value === 0 ? 0 : value;
}
