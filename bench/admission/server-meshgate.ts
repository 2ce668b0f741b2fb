import { readResource } from '../../policies/core/resource.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import type { Settings } from '../../policies/core/settings.ts';
import { catalogue } from '../../policies/index.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';
import { createLogger, standardError } from '../../webhooks/admission/log.ts';
import { createMetrics } from '../../webhooks/admission/metrics.ts';
import { createAdmissionServer } from '../../webhooks/admission/server.ts';
import { gateContexts } from '../../webhooks/gate-contexts.ts';
import { readTask, report } from './serve-as.ts';
import { meshObjects } from './subject.ts';

const filteringSettings: Settings = {
  ...defaultSettings,
  scopes: [
    { name: 'pilot', match: { namespaces: ['shop-*', 'pay'] }, policies: {} },
    { name: 'gold', match: { labels: { tier: 'gold' } }, policies: {} },
    { name: 'ring', match: { namespaceLabels: { ring: '1' } }, policies: {} },
  ],
  exemptions: [
    { policy: 'drain/*', match: { names: ['legacy-*'] }, reason: 'leaves soon' },
    {
      policy: '*',
      match: { labels: { owner: 'nobody' } },
      reason: 'a test',
      expires: '2099-01-01',
    },
  ],
};
const { topic = '', ...tls } = readTask();
const mesh = createMesh({ nativeSidecars: false });
for (const object of meshObjects()) {
  const resource = readResource(object);
  if (resource !== undefined) {
    mesh.put(resource);
  }
}
const server = createAdmissionServer({
  tls,
  context: gateContexts({
    catalogue: catalogue.filter(({ id }) => id.startsWith(topic)),
    settings: topic === '' ? filteringSettings : defaultSettings,
    mesh,
    ownNamespace: 'meshgate-system',
    clock: Date.now,
  }),
  notReady: () => [],
  metrics: createMetrics(),
  logger: createLogger(standardError()),
});
report(await server.listen(0, '127.0.0.1'));
