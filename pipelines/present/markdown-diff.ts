import { diffArrays, structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import type { FieldChange } from '../compare/fields.ts';
import type { EditedFile } from '../edit/rendered-state.ts';
import { fence, shorten } from './markdown-text.ts';

const mostLines = 400;
const longestLine = 300;
const mostEdits = 1000;
const contextLines = 2;

/** Field changes as a fenced diff of YAML, each under its JSON Pointer. */
export function diffBlock(fields: readonly FieldChange[]): string {
  const lines: string[] = [];
  for (const field of fields) {
    if (lines.length > mostLines) {
      break;
    }
    if (field.at !== '') {
      lines.push(`@@ ${shorten(field.at, longestLine)} @@`);
    }
    lines.push(...fieldLines(field));
  }
  const shown = lines.slice(0, mostLines);
  const rest = lines.length > mostLines ? ['@@ more lines not shown @@'] : [];
  return fence('diff', [...shown, ...rest]);
}

/** The lines of a source file that an edit changes, without what stands around them: that is not the edit's to show. */
export function sourceDiff({ before, after }: EditedFile): string {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 0 });
  const lines = hunks.flatMap(({ oldStart, oldLines, lines: changed }) => [
    `@@ line ${String(oldLines === 0 ? oldStart + 1 : oldStart)} @@`,
    ...changed.map((line) => shorten(line.replace('\r', ''), longestLine)),
  ]);
  return fence('diff', lines.slice(0, mostLines));
}

function fieldLines({ at, before, after }: FieldChange): readonly string[] {
  const old = before === undefined ? [] : yamlLines(at, before);
  const now = after === undefined ? [] : yamlLines(at, after);
  const edits = diffArrays([...old], [...now], { maxEditLength: mostEdits });
  const parts = edits ?? [
    { value: [...old], removed: true, added: false },
    { value: [...now], removed: false, added: true },
  ];
  return parts.flatMap(({ value, added, removed }, index) => {
    if (added) {
      return value.map((line) => `+ ${line}`);
    }
    if (removed) {
      return value.map((line) => `- ${line}`);
    }
    return context(value, index > 0, index < parts.length - 1).map((line) => `  ${line}`);
  });
}

/** Unchanged lines: those next to a change, and a mark for the others. */
function context(
  lines: readonly string[],
  afterChange: boolean,
  beforeChange: boolean,
): readonly string[] {
  const first = afterChange ? contextLines : 0;
  const last = beforeChange ? contextLines : 0;
  if (lines.length <= first + last) {
    return lines;
  }
  return [...lines.slice(0, first), '...', ...lines.slice(lines.length - last)];
}

function yamlLines(at: Pointer, value: Json): readonly string[] {
  const key = pointerSegments(at).at(-1);
  const text = stringify(shaped(key, value), { lineWidth: 0, aliasDuplicateObjects: false });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => shorten(line, longestLine));
}

/** The value with its key, or as an item of its list. */
function shaped(key: string | undefined, value: Json): Json {
  if (key === undefined) {
    return value;
  }
  return /^\d+$/u.test(key) ? [value] : { [key]: value };
}
