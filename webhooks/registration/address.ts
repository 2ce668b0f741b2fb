/** Where the API server finds the webhooks; `caBundle` is the authority of the serving certificate, in base64. */
export type WebhookAddress = (
  | { readonly url: string; readonly service?: never }
  | {
      readonly service: {
        readonly name: string;
        readonly namespace: string;
        readonly port?: number;
      };
      readonly url?: never;
    }
) & { readonly caBundle?: string };

/** The `clientConfig` of a webhook that is served under a path. */
export function clientConfig(address: WebhookAddress, path: string): unknown {
  const trust = address.caBundle === undefined ? {} : { caBundle: address.caBundle };
  return address.url === undefined
    ? { service: { ...address.service, path }, ...trust }
    : { url: address.url.replace(/\/+$/u, '') + path, ...trust };
}
