const eksHost = /\.eks\.amazonaws\.com(?:\.cn)?$/u;

/**
 * Why a function must not sign in at a URL; undefined where it may. Whoever gets a token may use it for a quarter of an
 * hour, and a repository's configuration says where it is sent: so only EKS itself, or a host that the function's own
 * environment names, `host` or `host:port`.
 */
export function refusedEndpoint(url: string, allowed: readonly string[]): string | undefined {
  const { protocol, host, hostname, username } = new URL(url);
  const isKnown = eksHost.test(hostname) || allowed.includes(host) || allowed.includes(hostname);
  return protocol === 'https:' && username === '' && isKnown
    ? undefined
    : `its endpoint ${host} is no address of EKS: name it in MESHGATE_CLUSTER_ENDPOINTS of the function to allow it`;
}
