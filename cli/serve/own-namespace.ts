import { readFileSync } from 'node:fs';

const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
const usualNamespace = 'meshgate-system';

/** The namespace of the Pod that this runs in, or the one that meshgate is usually installed in. */
export function findOwnNamespace(): string {
  try {
    return readFileSync(namespaceFile, 'utf8').trim() || usualNamespace;
  } catch {
    return usualNamespace;
  }
}
