import type { Node } from 'yaml';
import type { Json } from '../../policies/core/json.ts';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import { columnOf, lineEnd, type EditPlan } from './text-edit.ts';
import { flowText, withHead, type Layout } from './write-value.ts';

/** Gives a value to a key that has none: `annotations:` or `annotations: {}`. */
export function fillEmpty(
  tree: SourceTree,
  key: Node,
  value: Node | undefined,
  wanted: Json,
  layout: Layout,
): EditPlan {
  const { text } = tree;
  const [start, end] = rangeOf(key) ?? [0, 0];
  const colon = text.indexOf(':', end);
  const from = colon + 1;
  const [valueStart, valueEnd] = rangeOf(value) ?? [from, from];
  const to = valueStart === valueEnd ? from : valueEnd;
  const rest = text.slice(to, lineEnd(text, to));
  const indent = columnOf(text, start);
  const [head = '', ...lines] = withHead('', wanted, indent, layout);
  if (text.slice(end, colon).trim() !== '' || (rest.trim() !== '' && !/^\s+#/u.test(rest))) {
    return { start: from, end: to, text: ` ${flowText(wanted)}` };
  }
  const body = lines.map((line) => `${layout.newline}${line}`).join('');
  return { start: from, end: to + rest.length, text: `${head}${rest}${body}` };
}
