import addresses from 'ipaddr.js';

/** An address range as Istio compares it: `network/length` after masking; an address is a range of one. */
export interface AddressRange {
  readonly network: string;
  readonly length: number;
  /** It is one address, so that a listener can bind it. */
  readonly single: boolean;
}

/** Reads an IPv4 or IPv6 address or CIDR; undefined for anything else, host names included. */
export function readRange(text: string): AddressRange | undefined {
  const slash = text.includes('/');
  const [written = ''] = text.split('/', 1);
  if (!isStrictAddress(written) || (slash && !isStrictRange(text))) {
    return undefined;
  }
  const [address, length] = slash
    ? addresses.parseCIDR(text)
    : [addresses.parse(text), isIPv6(text) ? 128 : 32];
  const bytes = address.toByteArray().map((byte, index) => byte & maskByte(length - index * 8));
  const whole = address.kind() === 'ipv6' ? 128 : 32;
  return { network: bytes.join('.'), length, single: length === whole };
}

/** Whether a text is an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return isStrictAddress(text);
}

/** Whether a range holds another one wholly. */
export function contains(outer: AddressRange, inner: AddressRange): boolean {
  const outerBytes = outer.network.split('.').map(Number);
  const innerBytes = inner.network.split('.').map(Number);
  return (
    outerBytes.length === innerBytes.length &&
    outer.length <= inner.length &&
    outerBytes.every(
      (byte, index) => ((innerBytes[index] ?? 0) & maskByte(outer.length - index * 8)) === byte,
    )
  );
}

/** One text for equal ranges, whatever they were written as. */
export function rangeKey(range: AddressRange): string {
  return `${range.network}/${String(range.length)}`;
}

function maskByte(bits: number): number {
  const kept = Math.min(Math.max(bits, 0), 8);
  return (255 << (8 - kept)) & 255;
}

/** As Go reads it: four decimal numbers without leading zeros, or IPv6 without a zone. */
function isStrictAddress(text: string): boolean {
  const shaped = isIPv6(text)
    ? !text.includes('%')
    : /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){3}$/u.test(text);
  return shaped && addresses.isValid(text);
}

function isStrictRange(text: string): boolean {
  return /\/(?:0|[1-9]\d*)$/u.test(text) && addresses.isValidCIDR(text);
}

function isIPv6(text: string): boolean {
  return text.includes(':');
}
