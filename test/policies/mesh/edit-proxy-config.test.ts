import { describe, expect, test } from '@jest/globals';
import { editProxyConfig } from '../../../policies/mesh/edit-proxy-config.ts';

const key = 'terminationDrainDuration';
const cases: readonly (readonly [name: string, before: string | undefined, after: string])[] = [
  ['nothing', undefined, `${key}: 120s\n`],
  ['an empty text', '', `${key}: 120s\n`],
  ['another key', 'concurrency: 2\n', `concurrency: 2\n${key}: 120s\n`],
  ['no line end', 'concurrency: 2', `concurrency: 2\n${key}: 120s`],
  ['CRLF', 'concurrency: 2\r\n', `concurrency: 2\r\n${key}: 120s\r\n`],
  ['an indented mapping', '  concurrency: 2\n', `  concurrency: 2\n  ${key}: 120s\n`],
  ['comments only', '# later\n', `# later\n${key}: 120s\n`],
  ['flow', '{concurrency: 2}', `{"${key}": "120s", concurrency: 2}`],
  ['an empty flow mapping', '{}', `{"${key}": "120s"}`],
  ['JSON', '{"concurrency": 2}', `{"${key}": "120s", "concurrency": 2}`],
  ['JSON with the key', `{"${key}": "5s", "a": 1}`, `{"${key}": "120s", "a": 1}`],
  [
    'a trailing comment',
    `# why\n${key}: 5s # short\nconcurrency: 2\n`,
    `# why\n${key}: 120s # short\nconcurrency: 2\n`,
  ],
  ['snake case', 'termination_drain_duration: 5s\n', 'termination_drain_duration: 120s\n'],
  ['a quoted key', `"${key}": 5s\n`, `"${key}": 120s\n`],
  ['a quoted value', `${key}: '5s'\nb: 1\n`, `${key}: 120s\nb: 1\n`],
  ['an empty value', `${key}:\nconcurrency: 2\n`, `${key}: 120s\nconcurrency: 2\n`],
  ['a CRLF value', `${key}: 5s\r\na: 1\r\n`, `${key}: 120s\r\na: 1\r\n`],
  ['a tab before a comment', `${key}: 5s\t# x\n`, `${key}: 120s\t# x\n`],
  ['unicode', `# ünï → 日本\n${key}: 5s\n`, `# ünï → 日本\n${key}: 120s\n`],
  [
    'a comment that names the key',
    `# ${key}: 1s\nconcurrency: 2\n${key}: 5s\n`,
    `# ${key}: 1s\nconcurrency: 2\n${key}: 120s\n`,
  ],
  [
    'a block scalar that names the key',
    `caCertificatesPem:\n  - |\n    ${key}: 1s\n${key}: 5s\n`,
    `caCertificatesPem:\n  - |\n    ${key}: 1s\n${key}: 120s\n`,
  ],
  [
    'a key that stands twice, of which Istio takes the last',
    `${key}: 5s\n${key}: 6s\n`,
    `${key}: 5s\n${key}: 120s\n`,
  ],
  [
    'a block scalar at the end',
    `${key}: 5s\nproxyMetadata:\n  NOTE: |\n    x\n`,
    `${key}: 120s\nproxyMetadata:\n  NOTE: |\n    x\n`,
  ],
];

describe('editProxyConfig', () => {
  test.each(cases)('%s: every other byte stays', (_, before, after) => {
    expect(editProxyConfig(before, key, '120s')).toBe(after);
    expect(editProxyConfig(after, key, '120s')).toBe(after);
  });

  test.each(['- a list', '"a text"', '{broken', `${key}: >\n  5s\n`, `${key}: &x 5s\nb: *x\n`])(
    'gives the text up rather than a wrong one: %j',
    (text) => {
      const edited = editProxyConfig(text, key, '120s');
      expect([undefined, `${key}: &x 120s\nb: *x\n`]).toContain(edited);
    },
  );

  test('takes linear time on a hostile text', () => {
    const hostile = `# ${`${key} `.repeat(20_000)}\n`;
    expect(editProxyConfig(hostile, key, '120s')).toBe(`${hostile}${key}: 120s\n`);
  });
});
