import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../policies/core/finding.ts';
import { pointer } from '../../../policies/core/pointer.ts';
import { denialMessage, fieldPath, warningsFor } from '../../../webhooks/admission/texts.ts';
import { seededRandom } from '../../support/random.ts';

function finding(text: string, policy = 'test/one'): Finding {
  return {
    policy,
    message: 'broken',
    severity: 'error',
    text,
    remedy: 'Mend it.',
    object: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'ledger' },
    at: pointer('spec', 'x'),
    data: {},
    mode: 'enforce',
  };
}

test.each([
  [pointer(), 'the object'],
  [pointer('spec', 'containers', 0, 'image'), 'spec.containers[0].image'],
  [pointer('metadata', 'annotations', 'a.b/c'), 'metadata.annotations["a.b/c"]'],
])('the field %s is written %s', (at, path) => {
  expect(fieldPath(at)).toBe(path);
});

describe('warnings', () => {
  test('go on over several where there is room', () => {
    const warnings = warningsFor([finding('word '.repeat(60))]);
    expect(warnings.length).toBeGreaterThan(1);
    expect(warnings.at(-1)).toContain('Mend it.');
  });

  test('are counted where there are too many', () => {
    const many = Array.from({ length: 9 }, (_, index) =>
      finding('It is.', `test/p${String(index)}`),
    );
    expect(warningsFor(many)).toHaveLength(5);
    expect(warningsFor(many).at(-1)).toBe('and 5 more');
  });

  test('stay within their limits, whatever the text', () => {
    const pieces = ['a', ' ', '\n', '\u0007', '\u0085', '💾', '\ud800', 'long'.repeat(80)] as const;
    const random = seededRandom(1);
    for (let round = 0; round < 300; round += 1) {
      const texts = Array.from({ length: random.next(7) + 1 }, () =>
        Array.from({ length: random.next(90) + 1 }, () => random.pick(pieces)).join(''),
      );
      const warnings = warningsFor(texts.map((text, index) => finding(text, `t/${String(index)}`)));
      expect(warnings.length).toBeLessThanOrEqual(5);
      for (const warning of warnings) {
        expect(Array.from(warning).length).toBeLessThanOrEqual(120);
        expect(warning).not.toMatch(/\p{Cc}/u);
        expect(warning.isWellFormed()).toBe(true);
      }
    }
  });
});

test('a denial lists twenty findings and counts the rest', () => {
  const many = Array.from({ length: 25 }, () => finding('It is.'));
  expect(denialMessage(many).split('\n')).toHaveLength(1 + 20 * 3 + 1);
  expect(denialMessage(many)).toMatch(/and 5 more$/u);
});

test('a denial holds no control character but its own line breaks', () => {
  const message = denialMessage([finding('a\nb\u001b[31mc')]);
  expect(message.split('\n')).toHaveLength(4);
  expect(message).toContain('a b [31mc');
});
