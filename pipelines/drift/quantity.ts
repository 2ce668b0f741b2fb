const form = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,3})|(n|u|m|k|[MGTPE]i?|Ki))?$/u;

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
  if (typeof text !== 'string' || text.length > 64) {
    return undefined;
  }
  const [, sign, whole = '', fraction = '', exponent = '0', suffix = ''] = form.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') {
    return undefined;
  }
  const power = Number(exponent) + (decimalExponents[suffix] ?? 0) - fraction.length + 3;
  const digits = BigInt(whole + fraction) << (binaryExponents[suffix] ?? 0n);
  const amount =
    power >= 0 ? digits * 10n ** BigInt(power) : dividedUp(digits, 10n ** BigInt(-power));
  return sign === '-' ? -amount : amount;
}

function dividedUp(amount: bigint, by: bigint): bigint {
  return (amount + by - 1n) / by;
}
