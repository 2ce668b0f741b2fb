const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const form = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/u;

/** A Kubernetes quantity (`100m`, `128Mi`, `1e3`) as a number: cores or bytes; undefined where it is none. */
export function readQuantity(text: string): number | undefined {
  const [, digits, exponent = '', suffix = ''] = form.exec(text) ?? [];
  const scale = suffixes[suffix];
  return digits === undefined || scale === undefined
    ? undefined
    : Number(`${digits}${exponent}`) * scale;
}
