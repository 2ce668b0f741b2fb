import type { MeshPolicy } from './mesh/mesh.ts';
import { tcpListenerCollision } from './rules/egress/tcp-listener-collision.ts';
import { boundedConnectionTtl } from './rules/drain/bounded-connection-ttl.ts';
import { effectiveSettings } from './rules/drain/effective-settings.ts';
import { fitsGracePeriod } from './rules/drain/fits-grace-period.ts';
import { graceCoversTtl } from './rules/drain/grace-covers-ttl.ts';

/** Every policy, sorted by id. */
export const catalogue: readonly MeshPolicy[] = [
  boundedConnectionTtl,
  effectiveSettings,
  fitsGracePeriod,
  graceCoversTtl,
  tcpListenerCollision,
];
