import type { JsonObject } from '../../policies/core/json.ts';
import { webhookConfigurations } from '../registration/registration.ts';
import type { Wanted } from './keep.ts';
import type { RegistrationWish, TrustSource, UpkeepPlace } from './options.ts';

const injectAnnotation = 'cert-manager.io/inject-ca-from';

/** What the holder of the Lease is to register by a wish. */
export function wantedBy(
  wish: RegistrationWish,
  { service }: UpkeepPlace,
  trust: TrustSource,
  metadata: JsonObject,
): Wanted {
  const { failurePolicy, ...what } = wish;
  const annotations =
    trust.kind === 'injected' ? { annotations: { [injectAnnotation]: trust.from } } : {};
  return {
    failurePolicy,
    configurations(bundle, validatingFailurePolicy) {
      const caBundle =
        bundle === undefined ? {} : { caBundle: Buffer.from(bundle.join('')).toString('base64') };
      const configurations = webhookConfigurations({
        ...what,
        address: { service, ...caBundle },
        validatingFailurePolicy,
        canary: failurePolicy === 'Fail',
      });
      return configurations.map((configuration) => {
        const { name } = configuration.metadata;
        const own = { ...metadata, name, ...annotations };
        return { ...configuration, metadata: own } as unknown as JsonObject;
      });
    },
  };
}
