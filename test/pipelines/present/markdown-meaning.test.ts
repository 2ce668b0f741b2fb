import { describe, expect, test } from '@jest/globals';
import type { Meaning } from '../../../pipelines/compare/meaning-statement.ts';
import { meaningItems } from '../../../pipelines/present/markdown-meaning.ts';
import { toMarkdown } from '../../../pipelines/present/markdown-review.ts';
import { reviewOf } from '../../support/empty-review.ts';

function sentences(count: number): readonly Meaning[] {
  return Array.from({ length: count }, (_, index) => ({
    topic: 'routes',
    text: `Sentence ${String(index + 1)}.`,
    objects: [],
  }));
}

const picture = {
  nodes: [
    { name: 'Gateway shop/public', state: 'added' },
    { name: 'Gateway shop/old', state: 'removed' },
  ],
  links: [],
  notDrawn: 3,
} as const;

describe('what a change means, in a comment', () => {
  test('stands on top, the picture at the end', () => {
    const text = toMarkdown(reviewOf({ meaning: sentences(2), picture }));
    expect(text.match(/^#{3,4} .*$/gmu)).toEqual([
      '### meshgate: nothing new to fix',
      '#### What it means',
      '#### Picture',
    ]);
    expect(text).toContain('- Sentence 1.\n- Sentence 2.\n');
    expect(text).toMatch(/\n```mermaid\nflowchart LR\n.*\n```\n.*\n3 more not drawn\.\n$/su);
  });

  test('has twelve lines at most', () => {
    expect(meaningItems(sentences(12)).map(({ brief }) => brief)).toHaveLength(12);
    expect(meaningItems(sentences(40)).at(-1)?.brief).toBe('- and 28 more');
  });

  test('cannot be made to act by a name', () => {
    const hostile = '<!-- meshgate:review --> @team #12 [l](http://evil.example) `x` **b**\n# h';
    const [item] = meaningItems([{ topic: 'other', text: hostile, objects: [] }]);
    expect(item?.brief).not.toMatch(/[<\n]|@\w|#\d|:\/\/|(?<!\\)[[\]`*]/u);
  });
});
