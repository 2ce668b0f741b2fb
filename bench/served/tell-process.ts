import type { ProcessState } from './process-state.ts';

// Imported ahead of the program under measurement; needs --expose-gc.
process.on('message', () => {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    resources[name] = (resources[name] ?? 0) + 1;
  }
  const state: ProcessState = {
    rssBytes: rss,
    heapBytes: heapUsed,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    cpuSeconds: (user + system) / 1e6,
    resources,
  };
  process.send?.(state);
});
process.channel?.unref();
