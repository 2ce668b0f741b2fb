import * as z from 'zod';

const kubeVersion = z
  .string()
  .regex(/^v?\d+\.\d+(?:\.\d+)?$/u, 'must be a version of Kubernetes such as 1.33 or 1.33.2');
const apiVersions = z.array(
  z
    .string()
    .regex(
      /^[a-z0-9.-]+(?:\/[A-Za-z0-9]+){0,2}$/u,
      'must be an API version such as monitoring.coreos.com/v1, or one with its kind',
    ),
);
const path = z
  .string()
  .min(1)
  .refine(
    (text) => !text.startsWith('/') && !text.split('/').includes('..'),
    'must be a path from the root of the repository, without ..',
  );
const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u, 'must be a name of Kubernetes');

const root = z.strictObject({
  path: path.describe('Folder of a chart or a kustomization.'),
  release: name.max(53).describe("Name of the release; by default the folder's.").optional(),
  namespace: name
    .max(63)
    .describe('Namespace of the release, and of objects that name none.')
    .optional(),
  values: z.array(path).describe('Files of values for a chart; later ones win.').optional(),
  kubeVersion: kubeVersion.optional(),
  apiVersions: apiVersions.optional(),
});

/** The schema of `render:`, for what discovery cannot know. */
export const render = z
  .strictObject({
    kubeVersion: kubeVersion.describe('Version of Kubernetes that charts are told.').optional(),
    apiVersions: apiVersions
      .describe('API versions that charts are told beside those of Kubernetes and Istio.')
      .optional(),
    ignore: z
      .array(z.string().min(1))
      .describe('Globs of folders whose kustomizations and charts are not rendered.')
      .optional(),
    substitute: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/u, 'must be a name of a variable'), z.string())
      .describe('Variables of Flux Kustomizations that the repository does not hold.')
      .optional(),
    roots: z
      .array(root)
      .describe('What to render of a folder in the place of what would be found there.')
      .optional(),
  })
  .describe('How kustomizations and charts are rendered.');
