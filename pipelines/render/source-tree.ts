import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import { spellKey } from './yaml-schema.ts';

/** A document's source with the place of every node: eight times slower than reading its value alone. */
export interface SourceTree {
  readonly text: string;
  readonly document: Document.Parsed;
}

/** A node that a pointer leads to, or the nearest existing one on the way. */
export interface SourceNode {
  /** What the pointer leads to, aliases followed. */
  readonly node: Node | undefined;
  /** The key that holds it, where a mapping does. */
  readonly key: Node | undefined;
  /** False where some member on the way does not exist. */
  readonly exact: boolean;
  /** True where an alias or a merge key was followed: the text there serves other places too. */
  readonly shared: boolean;
  /** Inside braces or brackets, where line breaks and indentation mean nothing. */
  readonly inFlow: boolean;
}

/** Reads a document to be edited. The text must be one that `parseDocument` of this folder accepted. */
export function readSourceTree(text: string): SourceTree {
  const document = parseDocument(text, {
    schema: 'failsafe',
    version: '1.1',
    uniqueKeys: false,
    logLevel: 'silent',
    strict: false,
    prettyErrors: false,
  });
  return { text, document };
}

/** Follows a pointer as far as it leads. */
export function findNode(tree: SourceTree, at: Pointer): SourceNode {
  let found: SourceNode = {
    node: tree.document.contents ?? undefined,
    key: undefined,
    exact: true,
    shared: false,
    inFlow: false,
  };
  for (const segment of pointerSegments(at)) {
    const next = step(tree, follow(tree, found), segment);
    if (next === undefined) {
      return { ...follow(tree, found), exact: false };
    }
    found = next;
  }
  return follow(tree, found);
}

/** The offsets at which a node begins, ends, and ends with its trailing comment and line breaks. */
export function rangeOf(
  node: Node | null | undefined,
): readonly [number, number, number] | undefined {
  return node?.range ?? undefined;
}

function follow(tree: SourceTree, found: SourceNode): SourceNode {
  const { node } = found;
  if (!isAlias(node)) {
    return found;
  }
  return { ...found, node: node.resolve(tree.document), shared: true };
}

function step(tree: SourceTree, from: SourceNode, segment: string): SourceNode | undefined {
  const { node, shared } = from;
  const inFlow = from.inFlow || (isCollection(node) && node.flow === true);
  if (isSeq(node)) {
    const item = /^\d+$/u.test(segment) ? node.items[Number(segment)] : undefined;
    return isNode(item) ? { node: item, key: undefined, exact: true, shared, inFlow } : undefined;
  }
  if (!isMap(node)) {
    return undefined;
  }
  let merged: SourceNode | undefined;
  for (const pair of node.items as Pair<Node, Node | null>[]) {
    const name = keyText(pair.key);
    if (name === segment) {
      return { node: pair.value ?? undefined, key: pair.key, exact: true, shared, inFlow };
    }
    if (name === '<<') {
      merged ??= stepIntoMerge(tree, pair.value, segment);
    }
  }
  return merged;
}

function stepIntoMerge(
  tree: SourceTree,
  value: Node | null,
  segment: string,
): SourceNode | undefined {
  const sources = isSeq(value) ? (value.items as Node[]) : [value ?? undefined];
  for (const source of sources) {
    const base = follow(tree, {
      node: source,
      key: undefined,
      exact: true,
      shared: true,
      inFlow: false,
    });
    const found = isMap(base.node) ? step(tree, base, segment) : undefined;
    if (found !== undefined) {
      return { ...found, shared: true };
    }
  }
  return undefined;
}

/** A key as the API server spells it: YAML 1.1 booleans become `true` and `false`. */
function keyText(key: Node): string | undefined {
  if (!isScalar(key)) {
    return undefined;
  }
  const text = String(key.value);
  return key.type === 'PLAIN' ? spellKey(text) : text;
}
