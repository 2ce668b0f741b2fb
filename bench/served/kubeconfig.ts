/** A kubeconfig for an API server of a bench, which asks for no credentials; with an authority it speaks TLS. */
export function kubeconfigFor(port: number, ca?: string): string {
  const place = `127.0.0.1:${String(port)}`;
  const cluster =
    ca === undefined
      ? { server: `http://${place}`, 'insecure-skip-tls-verify': true }
      : {
          server: `https://${place}`,
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
        };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster }],
    users: [{ name: 'bench', user: {} }],
  });
}
