/** A page under `docs/` that shows on real programs why a policy asks for what it does. */
export interface EvidencePage {
  readonly title: string;
  /** Relative to `docs/`. */
  readonly path: string;
}

const draining: EvidencePage = {
  title: 'How long a Pod must serve after its deletion, measured on a real Envoy',
  path: 'evidence/draining.md',
};

const pages: Readonly<Record<string, readonly EvidencePage[]>> = {
  'drain/bounded-connection-ttl': [draining],
  'drain/effective-settings': [draining],
  'drain/fits-grace-period': [draining],
  'drain/grace-covers-ttl': [draining],
};

/** The pages of evidence for a policy. */
export function evidenceFor(policyId: string): readonly EvidencePage[] {
  return pages[policyId] ?? [];
}
