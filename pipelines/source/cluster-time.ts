/** A MicroTime of Kubernetes, as Leases and Events want it: RFC 3339 with six digits of a second. */
export function microTime(now: number): string {
  return new Date(now).toISOString().replace('Z', '000Z');
}
