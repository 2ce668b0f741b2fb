import type { Node, YAMLMap } from 'yaml';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import { isFirstOnLine, memberEnd, type NodePair } from './member-text.ts';
import { lineEnd, lineStart, type EditPlan } from './text-edit.ts';

/** Takes a member out of a block mapping with its lines. */
export function removeMember(tree: SourceTree, mapping: YAMLMap, key: Node): EditPlan {
  const { text } = tree;
  const pairs = mapping.items as NodePair[];
  const pair = pairs.find((candidate) => candidate.key === key);
  const start = rangeOf(key)?.[0] ?? 0;
  if (mapping.flow === true || pairs.length < 2 || !isFirstOnLine(text, start)) {
    return { problem: 'a member can only be taken out of a block mapping that has others' };
  }
  const end = lineEnd(text, memberEnd(tree, pair));
  const next = text.indexOf('\n', end);
  return { start: lineStart(text, start), end: next === -1 ? text.length : next + 1, text: '' };
}
