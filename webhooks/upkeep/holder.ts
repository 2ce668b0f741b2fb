import type { JsonObject } from '../../policies/core/json.ts';
import { sendCanary } from './canary.ts';
import { createCertifier } from './certifier.ts';
import { wantedBy } from './desired.ts';
import { createKeeper, type Keeper, type TrustKeeper } from './keep.ts';
import { leasePathOf, type UpkeepOptions } from './options.ts';
import { createRegistrar, readConfigurations } from './registrar.ts';
import { registeredNames } from './registered.ts';
import { readReplicas } from './replicas.ts';
import type { Teller } from './tell.ts';
import { fileTrust, injectedTrust, secretTrust } from './trust-keepers.ts';

/** Wires what the holder of the Lease does. */
export function createHolder(options: UpkeepOptions, metadata: JsonObject, tell: Teller): Keeper {
  const { writer, clock, place, trust } = options;
  const { namespace } = place.service;
  const registered = registeredNames(writer, leasePathOf(place));
  return createKeeper({
    clock,
    trust: trustKeeper(options, metadata, tell),
    wanted() {
      const wish = options.wish();
      return wish === undefined ? undefined : wantedBy(wish, place, trust, metadata);
    },
    read: () => readConfigurations(writer),
    register: createRegistrar({ writer, clock, registered, reports: tell.registration }),
    canary: () => sendCanary(writer, options.wish()?.ownNamespace ?? namespace),
    proved: tell.proved,
  });
}

function trustKeeper(options: UpkeepOptions, metadata: JsonObject, tell: Teller): TrustKeeper {
  const { writer, clock, place, trust, times } = options;
  const { namespace, name } = place.service;
  const served = async (): Promise<readonly string[]> => {
    const replicas = await readReplicas({ writer, clock, leasePath: leasePathOf(place) });
    return replicas.map(({ leaf }) => leaf);
  };
  if (trust.kind === 'injected') {
    return injectedTrust;
  }
  if (trust.kind === 'file') {
    return fileTrust({ file: trust.file, clock, mark: () => options.served.mark(), served });
  }
  return secretTrust(
    createCertifier({
      place: { writer, namespace, name: trust.secret, metadata },
      clock,
      names: [`${name}.${namespace}.svc`],
      ...(times?.rotation === undefined ? {} : { times: times.rotation }),
      served,
      renewed: tell.renewed,
      dropped: tell.dropped,
    }),
  );
}
