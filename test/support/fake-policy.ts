import * as z from 'zod';
import { numberIn, stringIn } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { freezePolicy, type Policy } from '../../policies/core/policy.ts';
import type { Mesh, MeshPolicy } from '../../policies/mesh/mesh.ts';

const params = z.strictObject({ least: z.number().default(100).describe('The least replicas.') });

/** Wants replicas on every Deployment, and a Service of the same name; the fix sets the replicas. */
const policy: Policy<Mesh, typeof params, 'few' | 'alone' | 'line'> = {
  id: 'test/replicas',
  title: 'Deployments have replicas',
  why: 'So that tests have something to find.',
  sources: [],
  severity: 'error',
  subjects: ['Deployment'],
  consults: ['Service'],
  cost: 'one look-up',
  params,
  messages: {
    few: { text: '{name} has {replicas} replicas.', remedy: 'Set replicas to {least}.' },
    alone: { text: '{name} has no Service.', remedy: 'Add one.' },
    line: { text: 'A line of the annotation.', remedy: 'Change it.' },
  },
  equivalents: [],
  check({ resource }, mesh, { least }) {
    const { name, namespace, object, annotations } = resource;
    const replicas = numberIn(object, 'spec', 'replicas') ?? 0;
    const at = pointer('spec', 'replicas');
    return [
      ...(replicas >= least
        ? []
        : [
            {
              message: 'few' as const,
              at,
              data: { name, replicas, least },
              fix: { kind: 'replacement' as const, changes: [{ at, value: least }], filled: [] },
            },
          ]),
      ...(mesh.get('Service', namespace, name) === undefined
        ? [
            {
              message: 'alone' as const,
              at: pointer(),
              severity: 'warning' as const,
              data: { name },
            },
          ]
        : []),
      ...(stringIn(annotations, 'a') === undefined
        ? []
        : [
            {
              message: 'line' as const,
              at: pointer('metadata', 'annotations', 'a'),
              severity: 'info' as const,
              data: { line: 2 },
            },
          ]),
    ];
  },
  examples: [],
};

/** A policy for tests of what is around policies. */
export const fakePolicy = freezePolicy(policy) as unknown as MeshPolicy;
