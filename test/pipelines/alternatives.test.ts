import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { check } from '../../pipelines/check.ts';
import { readSources } from '../../pipelines/source/read-sources.ts';
import { defaultSettings } from '../../policies/core/read-settings.ts';
import { catalogue } from '../../policies/index.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
});

function rule(ttl: string): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ledger, namespace: shop }
spec: { host: ledger.shop.svc.cluster.local, trafficPolicy: { connectionPool: { tcp: { maxConnectionDuration: ${ttl} } } } }
`;
}

const workload = `---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Service
metadata: { name: ledger, namespace: shop }
spec: { selector: { app: ledger }, ports: [{ name: tcp, port: 7000 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ledger, namespace: shop }
spec:
  template:
    metadata:
      labels: { app: ledger }
      annotations: { sidecar.istio.io/nativeSidecar: "false", proxy.istio.io/config: "terminationDrainDuration: 20s" }
    spec: { terminationGracePeriodSeconds: 60, containers: [{ name: app, image: ledger:1 }] }
`;

test('alternatives that declare the same objects are each judged among their own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshgate-alternatives-'));
  folders.push(folder);
  writeFileSync(join(folder, 'long.yaml'), rule('1h') + workload);
  writeFileSync(join(folder, 'short.yaml'), rule('5s') + workload);
  const readInput = (): Promise<Buffer> => Promise.reject(new Error('no input is asked for'));
  const sources = await readSources({ paths: [folder], ignore: [], readInput });
  const { findings } = await check(sources, { catalogue, settings: defaultSettings, now: 0 });
  const short = findings.filter(({ finding }) => finding.policy === 'drain/grace-covers-ttl');
  expect(short.map(({ file }) => file.replace(/^.*\//u, ''))).toEqual(['long.yaml']);
});
