/** A kubeconfig for an API server of a bench, which asks for no credentials. */
export function kubeconfigFor(port: number): string {
  const server = `http://127.0.0.1:${String(port)}`;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'bench', user: {} }],
  });
}
