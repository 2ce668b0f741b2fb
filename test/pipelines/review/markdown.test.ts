import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { pointer } from '../../../policies/core/pointer.ts';
import type { Finding } from '../../../policies/core/finding.ts';
import type { ObjectChange } from '../../../pipelines/compare/changes.ts';
import { reviewMarker, toMarkdown } from '../../../pipelines/present/markdown-review.ts';
import type { ReviewedFinding } from '../../../pipelines/review.ts';
import { reviewOf } from '../../support/empty-review.ts';

const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'ledger' };

function finding(
  rest: Partial<Finding> = {},
  place: Partial<ReviewedFinding> = {},
): ReviewedFinding {
  return {
    finding: {
      policy: 'test/replicas',
      message: 'too-few',
      severity: 'error',
      text: 'Only 1 replica, so that every update is an outage.',
      remedy: 'Set spec.replicas to 2.',
      object,
      at: pointer('spec', 'replicas'),
      data: {},
      mode: 'enforce',
      ...rest,
    },
    origin: { file: 'a.yaml', line: 1, document: 0, prefix: pointer(), offset: 0, text: '' },
    file: 'shop/ledger.yaml',
    line: 7,
    column: 3,
    endLine: 7,
    suggestion: [],
    ...place,
  };
}

function changed(name: string, rest: Partial<ObjectChange> = {}): ObjectChange {
  return {
    object: { ...object, name },
    change: 'changed',
    fields: [{ at: pointer('spec', 'replicas'), before: 2, after: 1 }],
    ...rest,
  };
}

const hostile =
  '<!-- meshgate:review --> ```\n# h </details><img src=x> @team #12 GH-3 [l](http://evil.example) www.evil.example ``` ~~~ $x$ \u202Etxt\u0007\u{E0041}';

describe('a review as a comment', () => {
  test('reads as the example', () => {
    const config = 'proxy.istio.io/config';
    const annotation = pointer('spec', 'template', 'metadata', 'annotations', config);
    const text = toMarkdown(
      reviewOf({
        verdict: 'blocked',
        introduced: [
          finding(
            {},
            {
              suggestion: [
                { at: pointer('spec', 'replicas'), before: 1, after: 2 },
                {
                  at: annotation,
                  before: 'concurrency: 2\nterminationDrainDuration: 5s\n',
                  after: 'concurrency: 2\nterminationDrainDuration: 150s\n',
                },
              ],
            },
          ),
          finding({ severity: 'warning', text: 'Image a has no tag.' }, { line: 16 }),
          finding({ severity: 'info', text: 'For your information.' }, { line: 20 }),
        ],
        resolved: [finding({ text: 'This one is gone.' })],
        remaining: [finding({ text: 'Old.' }), finding({ text: 'Older.' }, { file: 'b.yaml' })],
        changes: [
          changed('ledger'),
          changed('fresh', {
            change: 'added',
            fields: [{ at: pointer(), after: { kind: 'Deployment', spec: { replicas: 1 } } }],
          }),
          changed('new-name', { change: 'renamed', previousName: 'old-name', fields: [] }),
          changed('x', { object: { ...object, kind: 'Secret', apiVersion: 'v1' } }),
          changed('y', {
            object: { ...object, kind: 'Secret', apiVersion: 'v1' },
            change: 'removed',
          }),
        ],
        unreadable: [{ path: 'broken.yaml', text: 'line 3: broken YAML', introduced: true }],
        leftOut: [{ path: 'link.yaml', reason: 'a symbolic link is not followed' }],
        chartStamps: 4,
        configurationChanges: true,
      }),
    );
    const golden = new URL('../../fixtures/review/comment.md', import.meta.url);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });

  test('without anything to say is short', () => {
    expect(toMarkdown(reviewOf({}))).toBe(
      `${reviewMarker}\n### meshgate: nothing new to fix\n\n0 resolved, 0 remaining from before. Compared \`fedcba9876\` with its merge base \`0123456789\`.\n`,
    );
  });
});

describe('hostile text', () => {
  const text = toMarkdown(
    reviewOf({
      introduced: [
        finding(
          { text: hostile, remedy: hostile, object: { ...object, name: hostile } },
          {
            file: hostile,
            suggestion: [{ at: pointer('a', hostile), before: hostile, after: 'x' }],
          },
        ),
      ],
      resolved: [finding({ text: hostile })],
      changes: [
        changed(hostile, { fields: [{ at: pointer(hostile), before: { [hostile]: hostile } }] }),
        changed('other', { object: { ...object, kind: hostile } }),
      ],
      unreadable: [{ path: hostile, text: hostile, introduced: true }],
      leftOut: [{ path: hostile, reason: 'why' }],
    }),
  );
  const { prose, code } = splitCode(text);

  test('cannot write our marker', () => {
    expect(text.split('<!--')).toHaveLength(2);
    expect(text.startsWith(`${reviewMarker}\n`)).toBe(true);
  });

  test('leaves every fence and code span closed', () => {
    expect(code.length).toBeGreaterThan(5);
    expect(prose).not.toContain('```');
  });

  test('holds no HTML but ours', () => {
    const tags = prose.match(/<[^>]*>/gu) ?? [];
    const ours = [
      '<details>',
      '</details>',
      '<summary>',
      '</summary>',
      '<code>',
      '</code>',
      reviewMarker,
    ];
    expect(tags.filter((tag) => !ours.includes(tag))).toEqual([]);
    expect(tags.filter((tag) => tag === '<details>')).toHaveLength(
      tags.filter((tag) => tag === '</details>').length,
    );
  });

  test('mentions and links nothing', () => {
    const outside = prose.replaceAll(/<code>.*?<\/code>/gu, '');
    expect(outside).not.toMatch(/@\w|#\d|GH-\d|:\/\/|www\.|(?<!\\)[[\]]/u);
  });

  test('has no control, bidirectional or invisible characters but the breakers of links', () => {
    expect(text.replaceAll('\n', '')).not.toMatch(
      /[\p{Cc}\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/u,
    );
    expect(text).toContain(String.raw`\u{202e}`);
  });
});

describe('size', () => {
  const limit = 65_536;

  test('of a thousand findings is bounded, and what is missing is counted', () => {
    const many = Array.from({ length: 1000 }, (_, line) =>
      finding({ text: 'long '.repeat(40) }, { line }),
    );
    const text = toMarkdown(reviewOf({ introduced: many, resolved: many, remaining: many }));
    const shown = text.match(/^(?:- )?\*\*error\*\*/gmu)?.length ?? 0;
    const missing = [...text.matchAll(/^(\d+) more not shown\.$/gmu)].map(([, count]) =>
      Number(count),
    );
    expect(text.length).toBeLessThan(limit);
    expect(missing.length).toBeGreaterThan(0);
    expect(shown + missing.reduce((sum, count) => sum + count, 0)).toBe(3000);
    expect(text.split('<details>')).toHaveLength(text.split('</details>').length);
  });

  test('of one enormous object does not hide the others', () => {
    const huge = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`key-${String(index)}`, 'é'.repeat(200)]),
    );
    const changes = [
      changed('huge', { change: 'added', fields: [{ at: pointer(), after: huge }] }),
      ...Array.from({ length: 20 }, (_, index) => changed(`small-${String(index)}`)),
    ];
    const text = toMarkdown(reviewOf({ changes }));
    expect(text.length).toBeLessThan(limit);
    expect(text).toContain('- `Deployment shop/huge` added');
    expect(text.match(/replicas: 1/gu)).toHaveLength(20);
  });

  test('of long names and paths is bounded too', () => {
    const long = 'x'.repeat(70_000);
    const text = toMarkdown(
      reviewOf({
        introduced: [finding({ object: { ...object, name: long } }, { file: long })],
        leftOut: Array.from({ length: 100 }, () => ({ path: long, reason: 'why' })),
      }),
    );
    expect(text.length).toBeLessThan(limit);
    expect(text).toContain('90 more files not read.');
  });
});

/** Cuts fenced blocks and code spans out of Markdown, as CommonMark pairs their runs of backticks. */
function splitCode(text: string): { readonly prose: string; readonly code: readonly string[] } {
  const code: string[] = [];
  const prose = text
    .replaceAll(/^(`{3,})[a-z]*\n(.*?)\n\1$/gmsu, (_, _marks, body: string) => {
      code.push(body);
      return '';
    })
    .replaceAll(/(?<![`\\])(`+)(?!`)(.*?)(?<!`)\1(?!`)/gu, (_, _marks, body: string) => {
      code.push(body);
      return '';
    });
  return { prose, code };
}
