import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as z from 'zod';
import { numberIn, stringIn } from '../../../policies/core/json.ts';
import type { Change } from '../../../policies/core/patch.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import { definePolicy } from '../../../policies/mesh/define-policy.ts';
import type { Rendering } from '../../../pipelines/render/rendering.ts';
import { reviewCommits } from '../../../pipelines/review.ts';
import { localStore } from '../../../pipelines/source/commit-store.ts';
import { describeRendering } from '../../support/describe-rendering.ts';
import { patientRendering } from '../../support/patient-rendering.ts';
import { createRepository, type Files, type TestRepository } from '../../support/git-repository.ts';

const grace = pointer('spec', 'template', 'spec', 'terminationGracePeriodSeconds');
const annotation = pointer('spec', 'template', 'metadata', 'annotations', 'example.com/drain');

/** Wants a grace period of a minute; where a drain is declared too, one of 50 s. */
const gracePolicy = definePolicy({
  id: 'test/grace',
  title: 'A minute',
  why: 'Less is too short.',
  sources: [],
  severity: 'error',
  subjects: ['Deployment'],
  consults: [],
  cost: 'nothing',
  params: z.object({}),
  messages: { short: { text: 'Too short.', remedy: 'Set a minute.' } },
  equivalents: [],
  examples: [],
  check({ resource }) {
    const template = ['spec', 'template'] as const;
    const seconds = numberIn(resource.object, ...template, 'spec', 'terminationGracePeriodSeconds');
    const drain = stringIn(
      resource.object,
      ...template,
      'metadata',
      'annotations',
      'example.com/drain',
    );
    const wantsDrain = resource.name.includes('drained') && drain !== 'drain: 50s\n';
    const changes: readonly Change[] = [
      { at: grace, value: 60 },
      ...(wantsDrain ? [{ at: annotation, value: 'drain: 50s\n' }] : []),
    ];
    return seconds !== undefined && seconds >= 60 && !wantsDrain
      ? []
      : [
          {
            message: 'short',
            at: grace,
            data: {},
            fix: { kind: 'replacement', changes, filled: [] },
          },
        ];
  },
});

let rendering: Rendering;
let repository: TestRepository;
beforeAll(() => {
  rendering = patientRendering();
});
afterAll(async () => {
  await rendering.renderer.close();
});
beforeEach(() => {
  repository = createRepository();
});
afterEach(() => {
  repository.remove();
});

/** The edits for each new finding, as `file: removed and added lines`; `none` where nothing was proven. */
async function editsFor(files: Files): Promise<readonly string[]> {
  const base = repository.commit({ 'README.md': 'empty\n' });
  const head = repository.commit(files);
  const review = await reviewCommits({
    store: localStore(repository),
    commits: { base, head },
    catalogue: [gracePolicy],
    now: 0,
    rendering,
  });
  if ('problem' in review) {
    throw new Error(review.problem);
  }
  expect(review.unreadable).toEqual([]);
  return review.introduced.map(({ finding, edits }) => {
    const shown = edits?.map(({ file, before, after }) => {
      const old = before.split('\n');
      const now = after.split('\n');
      const removed = old.filter((line) => !now.includes(line)).map((line) => `-${line}`);
      const added = now.filter((line) => !old.includes(line)).map((line) => `+${line}`);
      return `${file}: ${[...removed, ...added].join(' ')}`;
    });
    return `${finding.object.name}: ${shown?.join('; ') ?? 'none'}`;
  });
}

function deployment(name: string, podSpec = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    metadata:
      labels: {app: ${name}}
    spec:${podSpec}
      containers:
        - name: app
          image: app:1
`;
}

const short = '\n      terminationGracePeriodSeconds: 30';

const overlay = (patch: string, base = deployment('web')): Files => ({
  'base/kustomization.yaml': 'resources: [web.yaml]\n',
  'base/web.yaml': base,
  'prod/kustomization.yaml': `namePrefix: prod-\nresources: [../base]\n${patch}`,
});

const strategic = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      terminationGracePeriodSeconds: 20
`;

describeRendering('an edit of a kustomization', () => {
  test.each<readonly [string, Files, readonly string[]]>([
    [
      'of the resource that sets the field',
      overlay('', deployment('web', short)),
      [
        'prod-web: base/web.yaml: -      terminationGracePeriodSeconds: 30 +      terminationGracePeriodSeconds: 60',
      ],
    ],
    [
      'of the resource that lacks the field',
      overlay(''),
      ['prod-web: base/web.yaml: +      terminationGracePeriodSeconds: 60'],
    ],
    [
      'of the patch that sets the field',
      {
        ...overlay('patches: [{path: grace.yaml}]\n', deployment('web', short)),
        'prod/grace.yaml': strategic,
      },
      [
        'prod-web: prod/grace.yaml: -      terminationGracePeriodSeconds: 20 +      terminationGracePeriodSeconds: 60',
      ],
    ],
    [
      'of a JSON Patch',
      {
        ...overlay('patches: [{path: grace.yaml, target: {kind: Deployment}}]\n'),
        'prod/grace.yaml':
          '- op: add\n  path: /spec/template/spec/terminationGracePeriodSeconds\n  value: 20\n',
      },
      ['prod-web: prod/grace.yaml: -  value: 20 +  value: 60'],
    ],
    [
      'of a patch within the kustomization',
      overlay(`patches:\n- patch: |\n${strategic.replaceAll(/^(?=.)/gmu, '    ')}`),
      [
        'prod-web: prod/kustomization.yaml: -          terminationGracePeriodSeconds: 20 +          terminationGracePeriodSeconds: 60',
      ],
    ],
    [
      'of the base where another overlay sets its own value',
      {
        ...overlay('patches: [{path: other.yaml}]\n'),
        'prod/other.yaml': strategic.replace(
          'terminationGracePeriodSeconds: 20',
          'hostNetwork: false',
        ),
        'stage/kustomization.yaml':
          'namePrefix: stage-\nresources: [../base]\npatches: [{path: fine.yaml}]\n',
        'stage/fine.yaml': strategic.replace(
          'terminationGracePeriodSeconds: 20',
          'terminationGracePeriodSeconds: 90',
        ),
      },
      ['prod-web: base/web.yaml: +      terminationGracePeriodSeconds: 60'],
    ],
    [
      'of a base that two overlays share, where both need it',
      {
        ...overlay('', deployment('web', short)),
        'stage/kustomization.yaml': 'namePrefix: stage-\nresources: [../base]\n',
      },
      [
        'prod-web: base/web.yaml: -      terminationGracePeriodSeconds: 30 +      terminationGracePeriodSeconds: 60',
        'stage-web: base/web.yaml: -      terminationGracePeriodSeconds: 30 +      terminationGracePeriodSeconds: 60',
      ],
    ],
    [
      'for two fields of a patch',
      {
        ...overlay('patches: [{path: grace.yaml}]\n', deployment('drained')),
        'prod/grace.yaml': strategic.replace('name: web', 'name: drained'),
      },
      [
        'prod-drained: prod/grace.yaml: -      terminationGracePeriodSeconds: 20 +    metadata: +      annotations: +        example.com/drain: | +          drain: 50s +      terminationGracePeriodSeconds: 60',
      ],
    ],
  ])('%s', async (_, files, expected) => {
    expect(await editsFor(files)).toEqual(expected);
  });

  const labelled: Files = {
    'stage/kustomization.yaml':
      'nameSuffix: -stage\nresources: [../base]\nreplacements: [{path: grace.yaml}]\n',
    'stage/grace.yaml':
      'source: {kind: Deployment, name: web, fieldPath: spec.template.spec.terminationGracePeriodSeconds}\ntargets: [{select: {kind: Deployment}, fieldPaths: [metadata.labels.grace], options: {create: true}}]\n',
  };

  test('is none where it would change something else', async () => {
    const files = { ...overlay('', deployment('web', short)), ...labelled };
    expect(await editsFor(files)).toEqual(['prod-web: none', 'web-stage: none']);
  });

  test('of a patch that says nothing of the field, where the base must stay', async () => {
    const files = {
      ...overlay('patches: [{path: other.yaml}]\n', deployment('web', short)),
      'prod/other.yaml': strategic.replace(
        'terminationGracePeriodSeconds: 20',
        'hostNetwork: false',
      ),
      ...labelled,
    };
    expect(await editsFor(files)).toEqual([
      'prod-web: prod/other.yaml: +      terminationGracePeriodSeconds: 60',
      'web-stage: none',
    ]);
  });
});

const template = (podSpec: string, more = ''): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  template:
    metadata:
      labels: {app: web}${more}
    spec:${podSpec}
      containers:
        - name: app
          image: app:1
          args: {{- toYaml .Values.args | nindent 10 }}
`;

const chart = (values: string, text: string, folder = 'web'): Files => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: ${folder}\nversion: 1.0.0\n`,
  [`${folder}/values.yaml`]: `# kept\nargs: [one]\n${values}`,
  [`${folder}/templates/deployment.yaml`]: text,
});

const fromValues = '\n      terminationGracePeriodSeconds: {{ .Values.grace }}';
const annotations = `
      {{- with .Values.podAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}`;

describeRendering('an edit of a chart', () => {
  test.each<readonly [string, Files, readonly string[]]>([
    [
      'of the value that the field shows',
      chart('grace: 30 # seconds\n', template(fromValues)),
      ['web: web/values.yaml: -grace: 30 # seconds +grace: 60 # seconds'],
    ],
    [
      'of the values file that wins',
      {
        ...chart('grace: 30\n', template(fromValues)),
        'web/values-prod.yaml': 'grace: 20\n',
      },
      ['web: web/values-prod.yaml: -grace: 20 +grace: 60'],
    ],
    [
      'of a value that the template reads and nobody sets',
      chart(
        'pod:\n  grace: null\n  terminationGracePeriodSeconds:\n',
        template(
          '\n      {{- with .Values.pod.terminationGracePeriodSeconds }}\n      terminationGracePeriodSeconds: {{ . }}\n      {{- end }}',
        ),
      ),
      [
        'web: web/values.yaml: -  terminationGracePeriodSeconds: +  terminationGracePeriodSeconds: 60',
      ],
    ],
    [
      'of the template that sets the field itself',
      chart('', template(short)),
      [
        'web: web/templates/deployment.yaml: -      terminationGracePeriodSeconds: 30 +      terminationGracePeriodSeconds: 60',
      ],
    ],
    [
      'of the template that lacks the field',
      chart('', template('')),
      ['web: web/templates/deployment.yaml: +      terminationGracePeriodSeconds: 60'],
    ],
    [
      'of the annotations that the values list',
      chart(
        'grace: 60\npodAnnotations:\n  team: web\n',
        template(fromValues, annotations),
        'drained',
      ),
      ['drained: drained/values.yaml: +  example.com/drain: | +    drain: 50s'],
    ],
    [
      'of the annotations that the values leave empty',
      chart('grace: 60\npodAnnotations: {}\n', template(fromValues, annotations), 'drained'),
      [
        'drained: drained/values.yaml: -podAnnotations: {} +podAnnotations: +  example.com/drain: | +    drain: 50s',
      ],
    ],
    [
      'of a part of a text',
      chart(
        'grace: 60\ndrain: 20\n',
        template(
          fromValues,
          '\n      annotations:\n        example.com/drain: |\n          drain: {{ .Values.drain }}s',
        ),
        'drained',
      ),
      ['drained: drained/values.yaml: -drain: 20 +drain: 50'],
    ],
    [
      'of the values in the declaration of a release',
      {
        ...chart('grace: 90\n', template(fromValues)),
        'apps/web.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  destination: {namespace: shop}
  source:
    repoURL: https://example.com/repo
    path: web
    helm:
      valuesObject:
        grace: 30
`,
      },
      ['shop: apps/web.yaml: -        grace: 30 +        grace: 60'],
    ],
    [
      'of the values in a text of the declaration',
      {
        ...chart('grace: 90\n', template(fromValues)),
        'apps/web.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  destination: {namespace: shop}
  source:
    repoURL: https://example.com/repo
    path: web
    helm:
      values: |
        # of this release
        grace: 30
`,
      },
      ['shop: apps/web.yaml: -        grace: 30 +        grace: 60'],
    ],
    [
      'is none where the value is shown elsewhere too',
      chart('grace: 30\n', template(`${fromValues}\n      hostname: h{{ .Values.grace }}`)),
      ['web: none'],
    ],
  ])('%s', async (_, files, expected) => {
    expect(await editsFor(files)).toEqual(expected);
  });
});

describeRendering('many findings on what is rendered', () => {
  test('are proven as long as there is time, and all of them are told', async () => {
    const apps = 12;
    const files: Files = Object.fromEntries(
      Array.from({ length: apps }, (_, app): [string, string][] => [
        [`app-${String(app)}/kustomization.yaml`, 'namePrefix: x-\nresources: [a.yaml]\n'],
        [
          `app-${String(app)}/a.yaml`,
          `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app-${String(app)}}\nspec:\n  template:\n    spec:\n      terminationGracePeriodSeconds: 5\n`,
        ],
      ]).flat(),
    );
    const base = repository.commit({ 'README.md': 'empty\n' });
    const head = repository.commit(files);
    let [time, renders] = [0, 0];
    const slow: Rendering = {
      cache: rendering.cache,
      renderer: {
        ...rendering.renderer,
        async render(job) {
          renders += 1;
          time += 8000;
          return await rendering.renderer.render(job);
        },
      },
    };
    const review = await reviewCommits({
      store: localStore(repository),
      commits: { base, head },
      catalogue: [gracePolicy],
      now: 0,
      rendering: slow,
      elapsed: () => time,
    });
    if ('problem' in review) {
      throw new Error(review.problem);
    }
    expect(review.introduced).toHaveLength(apps);
    const proven = review.introduced.filter(({ edits }) => edits !== undefined);
    // Trials begin at 0, 8, 16 and 24 s of the 30 there are.
    expect(renders).toBe(apps + 4);
    expect(proven.length).toBeGreaterThan(0);
    expect(proven.length).toBeLessThanOrEqual(4);
    expect(review.introduced.every(({ suggestion }) => suggestion.length > 0)).toBe(true);
    expect(review.steps).toContainEqual({ name: 'proving fixes', milliseconds: 32_000 });
  });
});
