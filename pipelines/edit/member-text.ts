import { isCollection, isMap, isNode, isPair, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { rangeOf, type SourceTree } from '../render/source-tree.ts';
import { lineStart } from './text-edit.ts';

/** A member of a mapping as the parser gives it. */
export type NodePair = Pair<Node, Node | null>;

/** Whether a member's value is a block mapping or list, and its key begins a line. */
export function hasOwnLines(tree: SourceTree): (pair: NodePair) => boolean {
  return ({ key, value }) =>
    (isMap(value) || isSeq(value)) &&
    value.flow !== true &&
    isFirstOnLine(tree.text, rangeOf(key)?.[0] ?? 0);
}

/** Whether nothing but blanks stands before a place on its line. */
export function isFirstOnLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

/** Whether the line before a place is a comment. */
export function followsComment(text: string, at: number): boolean {
  const start = lineStart(text, at);
  const previous = text.slice(lineStart(text, start - 1), Math.max(start - 1, 0));
  return start > 0 && previous.trimStart().startsWith('#');
}

/** Where the text of a member ends, without comments and blank lines after it. */
export function memberEnd(tree: SourceTree, pair: NodePair | undefined): number {
  return endOf(tree, lastNode(pair));
}

/** Where the text of an item of a list ends, likewise. */
export function itemEnd(tree: SourceTree, item: Node): number {
  return endOf(tree, lastNode(item));
}

function endOf(tree: SourceTree, node: Node | undefined): number {
  const end = rangeOf(node)?.[1] ?? tree.text.length;
  const isBlock = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
  return isBlock ? tree.text.slice(0, end).trimEnd().length : end;
}

/** The node that ends a member: of block collections, what ends their last item. */
function lastNode(item: unknown): Node | undefined {
  if (isPair<Node, Node | null>(item)) {
    return lastNode(item.value ?? item.key);
  }
  if (isCollection(item) && item.flow !== true && item.items.length > 0) {
    return lastNode(item.items.at(-1));
  }
  return isNode(item) ? item : undefined;
}
