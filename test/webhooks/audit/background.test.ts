import { describe, expect, jest, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { ReportResult } from '../../../pipelines/present/openreports.ts';
import type { ClusterWriter } from '../../../pipelines/source/cluster-writer.ts';
import { readResource } from '../../../policies/core/resource.ts';
import type { MutableMesh } from '../../../policies/mesh/mesh.ts';
import type { GateContext } from '../../../webhooks/admission/gate.ts';
import { registerAuditMetrics } from '../../../webhooks/audit/audit-metrics.ts';
import {
  auditInBackground,
  type BackgroundAuditOptions,
} from '../../../webhooks/audit/background.ts';
import type { Clock } from '../../../webhooks/clock.ts';
import { fakeContext, forbidsBad } from '../../support/admission/fake-gate.ts';

const intervalMilliseconds = 600_000;
const longestRest = 100;

function service(namespace: string, name: string) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, labels: { bad: 'y' } } };
}

/** Time that passes only where somebody sleeps; tells how long each time. */
function steppedClock(onSleep: (milliseconds: number) => void): Clock {
  let now = 1_000_000;
  return {
    now: () => now,
    elapsed: () => now,
    async sleep(milliseconds, signal) {
      now += milliseconds;
      // Rests within a scan come as often as the machine is slow.
      if (!signal.aborted && milliseconds > longestRest) onSleep(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

interface Run {
  readonly context: GateContext;
  readonly registry: Registry;
  readonly fresh: readonly string[];
  readonly sleeps: readonly number[];
}

/** Runs the audit until it has slept as often as there are steps; each step runs while it sleeps. */
async function runAudit(
  objects: readonly unknown[],
  steps: readonly ((context: GateContext) => void)[],
  options: Partial<BackgroundAuditOptions> = {},
): Promise<Run> {
  const context = fakeContext([forbidsBad], 'enforce', objects);
  const registry = new Registry();
  const fresh: string[] = [];
  const sleeps: number[] = [];
  const done = Promise.withResolvers<void>();
  const clock = steppedClock((milliseconds) => {
    sleeps.push(milliseconds);
    steps[sleeps.length - 1]?.(context);
    if (sleeps.length >= steps.length) done.resolve();
  });
  const audit = auditInBackground({
    context: () => context,
    isHolder: () => true,
    clock,
    intervalMilliseconds,
    metrics: registerAuditMetrics(registry),
    logger: pino({ level: 'silent' }),
    found: (results: readonly ReportResult[]) => {
      fresh.push(...results.map(({ object }) => `${object.namespace}/${object.name}`));
    },
    ...options,
  });
  await done.promise;
  await audit.stop();
  return { context, registry, fresh, sleeps };
}

async function samples(registry: Registry, name: string): Promise<readonly string[]> {
  const text = await registry.getSingleMetricAsString(name);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function add(context: GateContext, object: unknown): void {
  const resource = readResource(object);
  if (resource !== undefined) (context.mesh as MutableMesh).put(resource);
}

const nothing = (): void => {};

describe('the audit in the background', () => {
  test('counts what it found by namespace, policy and severity', async () => {
    const objects = [service('shop', 'a'), service('shop', 'b'), service('bank', 'c')];
    const { registry, sleeps } = await runAudit(objects, [nothing]);

    expect(sleeps).toEqual([intervalMilliseconds]);
    expect(await samples(registry, 'meshgate_audit_findings')).toEqual([
      'meshgate_audit_findings{namespace="bank",policy="test/bad",severity="error"} 1',
      'meshgate_audit_findings{namespace="shop",policy="test/bad",severity="error"} 2',
    ]);
    expect(await samples(registry, 'meshgate_audit_objects')).toEqual(['meshgate_audit_objects 3']);
  });

  test('keeps the number of series bounded', async () => {
    const objects = Array.from({ length: 250 }, (_, index) =>
      service(`team-${String(index)}`, 'a'),
    );
    const { registry } = await runAudit(
      [...objects, service('shop', 'a'), service('shop', 'b')],
      [nothing],
    );
    const lines = await samples(registry, 'meshgate_audit_findings');

    expect(lines).toHaveLength(201);
    expect(lines).toContainEqual(expect.stringMatching(/namespace="shop".* 2$/u));
    expect(lines).toContainEqual(expect.stringMatching(/namespace="other".* 51$/u));
  });

  test('tells of what is new since the scan before, once', async () => {
    const { fresh } = await runAudit(
      [service('shop', 'old')],
      [
        (context) => {
          add(context, service('shop', 'new'));
        },
        nothing,
        nothing,
      ],
    );
    expect(fresh).toEqual(['shop/new']);
  });

  test('leaves it to the replica that holds the Lease, and forgets what it found when it is another', async () => {
    let holder = true;
    const { registry, sleeps } = await runAudit(
      [service('shop', 'a')],
      [
        () => {
          holder = false;
        },
        nothing,
      ],
      { isHolder: () => holder },
    );
    expect(sleeps).toEqual([intervalMilliseconds, 2000]);
    expect(await samples(registry, 'meshgate_audit_findings')).toEqual([]);
  });

  test('waits for a whole mesh', async () => {
    const { sleeps } = await runAudit([], [nothing, nothing], { context: () => undefined });
    expect(sleeps).toEqual([2000, 2000]);
  });

  test('does a scan again that could not be reported', async () => {
    const broken = { read: () => Promise.reject(new Error('no route')) };
    const reports = {
      writer: broken as unknown as ClusterWriter,
      group: 'openreports.io' as const,
    };
    const logger = pino({ level: 'silent' });
    const warn = jest.spyOn(logger, 'warn');
    const { registry, sleeps } = await runAudit([service('shop', 'a')], [nothing, nothing], {
      reports,
      logger,
    });
    expect(sleeps).toEqual([2000, 2000]);
    expect(warn).toHaveBeenCalledWith({ problem: 'no route' }, 'the audit could not be reported');
    expect(await samples(registry, 'meshgate_audit_failures_total')).toEqual([
      'meshgate_audit_failures_total 2',
    ]);
  });
});
