import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openLiveGate, type LiveGate, type LiveGateOptions } from '../../../cli/serve/live-gate.ts';
import type { MeshSource } from '../../../cli/serve/mesh-source.ts';
import { UsageError } from '../../../cli/usage-error.ts';
import { createMesh } from '../../../policies/mesh/index-objects.ts';
import { wantsGrace } from '../../support/admission/fake-gate.ts';

let folder = '';
let gate: LiveGate | undefined;
const told: string[] = [];
const stopped: string[] = [];
let waiting: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'live-gate-'));
  told.length = 0;
  stopped.length = 0;
  waiting = [];
});
afterEach(async () => {
  await gate?.stop();
  gate = undefined;
  await rm(folder, { recursive: true });
});

const document = (more = ''): string =>
  `apiVersion: meshgate.dev/v1alpha1\nkind: MeshgateConfig\n${more}`;

/** Swaps the folder's content as a kubelet does: a new folder, and a symbolic link that is renamed over the old one. */
async function mount(text: string): Promise<void> {
  const name = `..${Math.random()}`;
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'meshgate.yaml'), text);
  await symlink(name, join(folder, '..new'));
  await rename(join(folder, '..new'), join(folder, '..data'));
  await symlink('..data/meshgate.yaml', join(folder, 'meshgate.yaml')).catch(() => undefined);
}

function source(name: string): MeshSource {
  return {
    kind: 'empty',
    mesh: createMesh({}),
    types: new Set(),
    waitingFor: () => waiting,
    stalenessSeconds: () => new Map(),
    stop: () => Promise.resolve(void stopped.push(name)),
  };
}

async function open(changes: Partial<LiveGateOptions> = {}): Promise<LiveGate> {
  let opened = 0;
  gate = await openLiveGate({
    catalogue: [wantsGrace],
    config: join(folder, 'meshgate.yaml'),
    ownNamespace: 'own',
    clock: () => 0,
    waits: false,
    open: () => Promise.resolve(source(`mesh ${String((opened += 1))}`)),
    reports: {
      inForce: ({ version }) => told.push(`in force ${version}`),
      refused: (_, problem) => told.push(`refused ${problem}`),
    },
    ...changes,
  });
  return gate;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('a new file takes over whole, with the mesh that is there', async () => {
  await mount(document());
  const live = await open();
  const first = live.current();
  expect(first?.context().fill).toBe(true);
  await mount(document('admission: { fill: false }\n'));
  await until(() => live.current() !== first);
  const second = live.current();
  expect(second?.context().fill).toBe(false);
  expect(second?.source).toBe(first?.source);
  expect(second?.configuration.version).toMatch(/^[0-9a-f]{12}$/u);
  expect(second?.configuration.version).not.toBe(first?.configuration.version);
  expect(stopped).toEqual([]);
});

test('one that is wrong is told with all that is wrong, and the last good one stays', async () => {
  await mount(document());
  const live = await open();
  const good = live.current();
  await mount(document('wrong: 1\nworse: 2\n'));
  await until(() => live.problem() !== undefined);
  expect(live.problem()).toMatch(/wrong[\s\S]*worse/u);
  expect(live.current()).toBe(good);
  await mount(document());
  await until(() => live.problem() === undefined);
  expect(live.current()?.configuration.version).toBe(good?.configuration.version);
});

test('one that is taken away leaves the last good one', async () => {
  await mount(document());
  const live = await open();
  await rm(join(folder, 'meshgate.yaml'));
  await until(() => live.problem() !== undefined);
  expect(live.current()).toBeDefined();
});

test('other facts about the mesh take over once it has been read by them', async () => {
  await mount(document());
  const live = await open();
  const first = live.current();
  waiting = ['Pod'];
  await mount(document('mesh: { istioVersion: "1.30" }\n'));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(live.current()).toBe(first);
  waiting = [];
  await until(() => live.current() !== first);
  await until(() => stopped.length > 0);
  expect(stopped).toEqual(['mesh 1']);
});

test('a wrong one at the start is an error, or waited out', async () => {
  await mount(document('wrong: 1\n'));
  await expect(open()).rejects.toThrow(UsageError);
  const live = await open({ waits: true });
  expect(live.waitingFor()).toEqual(['configuration']);
  expect(live.problem()).toContain('wrong');
  await mount(document());
  await until(() => live.current() !== undefined);
  expect(live.waitingFor()).toEqual([]);
});
