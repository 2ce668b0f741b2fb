import { KubeConfig } from '@kubernetes/client-node';
import type { KeyPair } from './certificates.ts';

/** A client configuration for one user of one API server. */
export function createKubeConfig(url: string, caPem: string, user: KeyPair): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'test', server: url, caData: base64(caPem), skipTLSVerify: false }],
    users: [{ name: 'admin', certData: base64(user.certificate), keyData: base64(user.key) }],
    contexts: [{ name: 'test', cluster: 'test', user: 'admin' }],
    currentContext: 'test',
  });
  return config;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
