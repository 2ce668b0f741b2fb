import { describe, expect, test } from '@jest/globals';
import { defaultSettings } from '../../../policies/core/read-settings.ts';
import { check, type CheckReport } from '../../../pipelines/check.ts';
import { plainLine, plainText } from '../../../pipelines/present/escape.ts';
import { githubReport } from '../../../pipelines/present/github-report.ts';
import { junitReport } from '../../../pipelines/present/junit-report.ts';
import { sarifReport } from '../../../pipelines/present/sarif-report.ts';
import { styleFor } from '../../../pipelines/present/style.ts';
import { textReport } from '../../../pipelines/present/text-report.ts';
import { fakePolicy } from '../../support/fake-policy.ts';

const file = 'a b/100%,x:é.yaml';
const text = String.raw`apiVersion: apps/v1
kind: Deployment
metadata:
  name: "a\e[31m<b>\0&\"\r\n::error::x\u202e"
  annotations:
    a: |
      one
      two
spec:
  replicas: 1 # why
`;

async function reportOf(source: string): Promise<CheckReport> {
  return check(
    {
      texts: [{ file, text: source, writable: true }],
      errors: [{ file: 'c\u001B.yaml', line: 3, text: 'bad \u001B[2J & <worse>\nnext' }],
      notes: [],
    },
    { catalogue: [fakePolicy], settings: defaultSettings, now: 0 },
  );
}

const report = await reportOf(text);
const empty: CheckReport = {
  findings: [],
  judged: [],
  errors: [],
  notes: [],
  exempted: 2,
  summary: { documents: 1, objects: 1, error: 0, warning: 0, info: 0 },
};

function textOf(
  from: CheckReport,
  options: { readonly colour?: boolean; readonly quiet?: boolean } = {},
): string {
  const { colour = false, quiet = false } = options;
  return [...textReport(from, { style: styleFor(colour), quiet, hidden: 1, fixed: false })].join(
    '',
  );
}

test('the report under test has what the formats must survive', () => {
  expect(report.findings.map(({ finding }) => finding.severity)).toEqual([
    'warning',
    'info',
    'error',
  ]);
  expect(report.findings[0]?.finding.object.name).toContain('\u001B[31m');
});

describe('text', () => {
  test('shows the place, the lines with a caret, and the remedy', () => {
    const lines = textOf(report).split('\n');
    expect(lines).toContain(`${file}:10:3 error test/replicas`);
    const at = lines.indexOf('  > 10 |   replicas: 1 # why');
    expect(lines.slice(at - 2, at + 2)).toEqual([
      '     8 |       two',
      '     9 | spec:',
      '  > 10 |   replicas: 1 # why',
      '       |   ^',
    ]);
    expect(lines).toContain('  What to do: Set replicas to 100. (--fix does it)');
    expect(lines.at(-2)).toBe(
      '1 object in 1 document: 1 error, 1 warning, 1 info; 1 not shown, see --min-severity; 1 input not readable',
    );
  });

  test('holds no control characters, whatever the names', () => {
    expect(textOf(report)).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202E]/u);
    expect(textOf(report)).toContain(String.raw`\u{1b}[31m<b>`);
    expect(textOf(report, { colour: true })).toContain('\u001B[31merror\u001B[0m');
  });

  test('quiet is one line a finding and an error', () => {
    expect(textOf(report, { quiet: true }).trimEnd().split('\n')).toHaveLength(4);
    expect(textOf(empty, { quiet: true })).toBe('');
  });

  test('nothing found is said, with what was exempted', () => {
    expect(textOf(empty)).toContain('1 object in 1 document: nothing to report');
    expect(textOf(empty)).toContain('2 exempted');
  });
});

test('escapes keep what is visible', () => {
  expect(plainLine('a\u001Bb\nc é 日本\u2028')).toBe(String.raw`a\u{1b}b\u{a}c é 日本\u{2028}`);
  expect(plainText('a\r\nb\rc\td')).toBe(`a\nb${String.raw`\u{d}`}c${String.raw`\u{9}`}d`);
});

test('github commands are one line each, and their properties escaped', () => {
  const commands = [...githubReport(report)];
  expect(commands).toHaveLength(4);
  for (const command of commands)
    expect(command).toMatch(/^::(?:error|warning|notice) [^\r\n]*\n$/u);
  expect(commands[3]).toMatch(
    /^::error file=a b\/100%25%2Cx%3Aé\.yaml,line=10,col=3,title=test\/replicas::/u,
  );
});

describe('junit', () => {
  const xml = [...junitReport(report)].join('');

  test('is well-formed and holds no character that XML forbids', () => {
    expect(xml).not.toMatch(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/u);
    expect(xml.replaceAll(/&(?:amp|lt|gt|quot|#9|#10|#13);/gu, '')).not.toContain('&');
    expect(xml).toContain('tests="4" failures="2" errors="1"');
    const tags = [...xml.matchAll(/<(\/?)([a-z-]+)[^>]*?(\/?)>/gu)];
    const open: string[] = [];
    for (const [, closes, name = '', alone] of tags) {
      if (closes === '/') expect(open.pop()).toBe(name);
      else if (alone !== '/') open.push(name);
    }
    expect(open).toEqual([]);
  });

  test('a clean run has a case that passes', () => {
    expect([...junitReport(empty)].join('')).toContain('tests="1" failures="0" errors="0"');
  });
});

describe('SARIF', () => {
  const log = JSON.parse(
    JSON.stringify(sarifReport(report, { version: '1.2.3', rules: [fakePolicy] })),
  ) as Record<string, never>;

  test('has the rule with its help, and results that name it', () => {
    expect(log).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'meshgate',
              version: '1.2.3',
              rules: [{ id: 'test/replicas', help: { text: expect.any(String) } }],
            },
          },
          invocations: [{ executionSuccessful: false, toolExecutionNotifications: [{}] }],
          results: [{ level: 'warning' }, { level: 'note' }, { level: 'error', ruleIndex: 0 }],
        },
      ],
    });
  });

  test('percent-encodes paths, gives regions and fingerprints', () => {
    expect(log).toMatchObject({
      runs: [
        {
          results: [
            expect.anything(),
            expect.anything(),
            {
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'a%20b/100%25%2Cx%3A%C3%A9.yaml' },
                    region: { startLine: 10, startColumn: 3 },
                  },
                },
              ],
              partialFingerprints: { 'meshgate/v1': expect.stringMatching(/^[0-9a-f]{32}$/u) },
            },
          ],
        },
      ],
    });
  });

  test('a fingerprint does not change with the line', async () => {
    const moved = sarifReport(await reportOf(`# moved\n${text}`), {
      version: '1',
      rules: [],
    });
    const prints = (from: unknown): unknown =>
      (
        from as { runs: readonly { results: readonly { partialFingerprints: unknown }[] }[] }
      ).runs[0]?.results.map(({ partialFingerprints }) => partialFingerprints);
    expect(prints(moved)).toEqual(prints(log));
  });
});
