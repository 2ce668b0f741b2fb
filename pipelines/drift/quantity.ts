const form = /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,3})|(n|u|m|k|[MGTPE]i?|Ki))?$/u;

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

const binaryExponents: Readonly<Record<string, bigint>> = {
  Ki: 10n,
  Mi: 20n,
  Gi: 30n,
  Ti: 40n,
  Pi: 50n,
  Ei: 60n,
};

/**
 * The exact amount of a Kubernetes quantity in thousandths, rounded away from zero as the server does; undefined where
 * it is none. Equal quantities give equal amounts however they are written: `1000m` and `1`, `3072Mi` and `3Gi`.
 */
export function amountOf(value: unknown): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const match = typeof text === 'string' && text.length <= 64 ? form.exec(text) : null;
  if (match === null) {
    return undefined;
  }
  const [, sign, whole = '', fraction = '', exponent = '0', suffix = ''] = match;
  const power = Number(exponent) + (decimalExponents[suffix] ?? 0) - fraction.length + 3;
  const amount = scaled(BigInt(whole + fraction) << (binaryExponents[suffix] ?? 0n), power);
  return sign === '-' ? -amount : amount;
}

/** The amount times a power of ten, rounded up to a whole. */
function scaled(amount: bigint, power: number): bigint {
  if (power >= 0) {
    return amount * 10n ** BigInt(power);
  }
  const by = 10n ** BigInt(-power);
  return (amount + by - 1n) / by;
}
