import * as z from 'zod';
import { numberIn, listIn, stringIn } from '../../policies/core/json.ts';
import { pointer } from '../../policies/core/pointer.ts';
import { definePolicy } from '../../policies/mesh/define-policy.ts';

/**
 * A policy for tests of what carries policies: at least two replicas (an error, with a fix), and an image that names a
 * tag (a warning).
 */
export const replicasPolicy = definePolicy({
  id: 'test/replicas',
  title: 'Two replicas',
  why: 'One is none.',
  sources: [],
  severity: 'error',
  subjects: ['Deployment'],
  consults: [],
  cost: 'nothing',
  params: z.object({ minimum: z.number().default(2) }),
  messages: {
    'too-few': {
      text: 'Only {count} replicas in {name}.',
      remedy: 'Set spec.replicas to {minimum}.',
    },
    'no-tag': { text: 'Image {image} has no tag.', remedy: 'Name one.' },
  },
  equivalents: [],
  examples: [],
  check({ resource }, _mesh, { minimum }) {
    const count = numberIn(resource.object, 'spec', 'replicas') ?? 1;
    const containers = listIn(resource.object, 'spec', 'template', 'spec', 'containers');
    const at = pointer('spec', 'replicas');
    return [
      ...(count < minimum
        ? [
            {
              message: 'too-few' as const,
              at,
              data: { count, minimum, name: resource.name },
              fix: { kind: 'replacement' as const, changes: [{ at, value: minimum }], filled: [] },
            },
          ]
        : []),
      ...containers.flatMap((container, index) => {
        const image = stringIn(container, 'image') ?? '';
        const place = pointer('spec', 'template', 'spec', 'containers', index, 'image');
        return image.includes(':')
          ? []
          : [
              {
                message: 'no-tag' as const,
                at: place,
                severity: 'warning' as const,
                data: { image },
              },
            ];
      }),
    ];
  },
});
