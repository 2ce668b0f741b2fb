import { parseSync, Visitor, type Comment, type Program } from 'oxc-parser';

const suppression =
  /(?:eslint|oxlint)-disable|@ts-(?:ignore|nocheck|expect-error)|prettier-ignore/u;
const explained = /--\s*\S.{9,}/su;
const reminder = /\b(?:TODO|FIXME|XXX|HACK)\b(?!\s?\(#\d+\))/u;

/** Offence at an offset of the text. */
interface Offence {
  readonly offset: number;
  readonly text: string;
}

/** Offences of one file, each as `file:line: what to do`; a file that does not parse is one offence. */
export function checkSource(file: string, text: string): readonly string[] {
  const { program, comments, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) return [`${file}:1: does not parse: ${error.message}`];
  const offences = checkComments(comments);
  if (!file.startsWith('test/')) offences.push(...checkDocstrings(program, comments, text));
  if (file.startsWith('policies/')) offences.push(...checkClock(program));
  return offences.map((offence) => `${file}:${lineOf(text, offence.offset)}: ${offence.text}`);
}

/** Lines of a text, the last one counted whether it ends in a line break or not. */
export function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function checkComments(comments: readonly Comment[]): Offence[] {
  const offences: Offence[] = [];
  for (const { start, value } of comments) {
    if (suppression.test(value) && !explained.test(value)) {
      offences.push({ offset: start, text: 'say why after the directive: `-- reason`' });
    }
    if (reminder.test(value)) {
      offences.push({ offset: start, text: 'cite an issue, `TODO(#1)`, or do it now' });
    }
  }
  return offences;
}

function checkDocstrings(
  program: Program,
  comments: readonly Comment[],
  text: string,
): readonly Offence[] {
  const offences: Offence[] = [];
  let previousName: string | undefined;
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) continue;
    const { declaration } = statement;
    const [first] =
      declaration.type === 'VariableDeclaration' ? declaration.declarations : [declaration];
    const name = first !== undefined && 'id' in first ? nameOf(first.id) : '';
    // The overloads of a function share the docstring of the first.
    if (name === previousName) continue;
    previousName = name;
    if (!hasDocstring(comments, statement.start, text)) {
      offences.push({ offset: statement.start, text: `export ${name} needs a docstring` });
    }
  }
  return offences;
}

function hasDocstring(comments: readonly Comment[], start: number, text: string): boolean {
  return comments.some(
    ({ type, value, end }) =>
      type === 'Block' &&
      value.startsWith('*') &&
      end <= start &&
      text.slice(end, start).trim() === '',
  );
}

function nameOf(id: unknown): string {
  const named = typeof id === 'object' && id !== null && 'name' in id;
  return named && typeof id.name === 'string' ? id.name : '';
}

function checkClock(program: Program): readonly Offence[] {
  const offences: Offence[] = [];
  const text = 'the clock is passed in as a value';
  new Visitor({
    NewExpression({ callee, arguments: args, start }) {
      if (callee.type === 'Identifier' && callee.name === 'Date' && args.length === 0) {
        offences.push({ offset: start, text });
      }
    },
    CallExpression({ callee, start }) {
      if (callee.type === 'Identifier' && callee.name === 'Date')
        offences.push({ offset: start, text });
    },
  }).visit(program);
  return offences;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
