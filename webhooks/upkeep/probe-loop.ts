import { startLoop, type Loop } from './loop.ts';
import type { UpkeepMetrics } from './metrics.ts';
import type { UpkeepOptions } from './options.ts';
import { probe } from './probe.ts';

const probeMilliseconds = 60_000;
const firstMilliseconds = 5000;

/** Connects to ourselves every minute, by way of the Service and as the registered webhooks trust us. */
export function probeLoop(
  { clock, logger, place }: UpkeepOptions,
  metrics: UpkeepMetrics,
  bundles: () => readonly (readonly string[])[],
): Loop {
  const { name, namespace } = place.service;
  const serverName = `${name}.${namespace}.svc`;
  return startLoop({
    clock,
    async work() {
      const [authorities] = bundles();
      if (authorities === undefined) {
        return firstMilliseconds;
      }
      const problem = await probe({ ...place.probe, serverName, authorities });
      metrics.probeSuccess.set(problem === undefined ? 1 : 0);
      metrics.probed.set(clock.now() / 1000);
      if (problem !== undefined) {
        metrics.failures.inc({ task: 'probe' });
        logger.warn({ ...place.probe, problem }, 'self-probe failed');
      }
      return probeMilliseconds * (0.9 + Math.random() / 5);
    },
    onProblem: () => undefined,
  });
}
