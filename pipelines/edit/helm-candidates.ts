import { isObject, objectIn, valueIn, type Json } from '../../policies/core/json.ts';
import { equalJson, operationsFor } from '../../policies/core/patch.ts';
import { pointer, pointerSegments, valueAt } from '../../policies/core/pointer.ts';
import type { Layer } from '../render/manifests.ts';
import { readSourceTree } from '../render/source-tree.ts';
import { candidateAt, type Candidate, type WantedChange } from './candidate.ts';
import { planEdit } from './plan-edit.ts';
import { replacedPart } from './replaced-part.ts';
import { applyEdit } from './text-edit.ts';
import { valuesNodes, type ValuesNode } from './values-nodes.ts';

interface LayerNode extends ValuesNode {
  readonly layer: Layer;
}

/**
 * The edits that may give an object of a chart another value, the likeliest first: of a value that the field shows, of
 * the value that the template reads for it, of a map that it is written from, of the template itself.
 */
export function* helmCandidates(wanted: WantedChange): Generator<Candidate> {
  const layers = wanted.origin.rendered?.layers.toReversed() ?? [];
  const nodes = layers.flatMap((layer) =>
    valuesNodes(layer.text).map((node): LayerNode => ({ ...node, layer })),
  );
  yield* shownValues(wanted, nodes);
  yield* namedValues(wanted, layers, nodes);
  yield* writtenMaps(wanted, nodes);
  yield* templateText(wanted);
}

/** Values that are a part of what the field shows, those that the template names first. */
function* shownValues(
  { state, object, origin, change }: WantedChange,
  nodes: readonly LayerNode[],
): Generator<Candidate> {
  const before = valueAt(object, change.at);
  if ('remove' in change || before === undefined) {
    return;
  }
  const fitting = nodes.flatMap((node) => {
    const value = replacedPart(before, change.value, node.value);
    const isNamed = origin.text.includes(`.${node.path.at(-1) ?? ''}`);
    return value === undefined ? [] : [{ ...node, value, isNamed }];
  });
  for (const named of [true, false]) {
    for (const { layer, place, value } of fitting.filter(({ isNamed }) => isNamed === named)) {
      yield* candidateAt(state, layer.file, place, { at: place.at, value });
    }
  }
}

/** Values by the paths that the template reads, where they end in the field's own name. */
function* namedValues(
  { state, origin, change }: WantedChange,
  layers: readonly Layer[],
  nodes: readonly LayerNode[],
): Generator<Candidate> {
  if ('remove' in change) {
    return;
  }
  const name = pointerSegments(change.at).at(-1) ?? '';
  const paths = new Set(
    [...origin.text.matchAll(/\.Values((?:\.\w+)+)/gu)].flatMap(([, path = '']) =>
      path.endsWith(`.${name}`) ? [path.slice(1)] : [],
    ),
  );
  for (const path of paths) {
    const at = pointer(...path.split('.'));
    for (const layer of layers) {
      const root = nodes.find((node) => node.layer === layer && node.path.length === 0);
      if (root !== undefined && isOwnValues(root.value)) {
        yield* candidateAt(state, layer.file, { ...root.place, at }, { at, value: change.value });
      }
    }
  }
}

/** The declaration of a release is no file of values. */
function isOwnValues(root: Json): boolean {
  return isObject(root) && valueIn(root, 'apiVersion') === undefined;
}

/** Maps of values that a template writes out as they are, as charts do with annotations. */
function* writtenMaps(
  { state, object, change }: WantedChange,
  nodes: readonly LayerNode[],
): Generator<Candidate> {
  const segments = pointerSegments(change.at);
  const [field = '', key = ''] = segments.slice(-2);
  const shown = objectIn(object, ...segments.slice(0, -1));
  for (const { layer, place, path, value } of nodes) {
    const isShown =
      isObject(value) &&
      path.length > 0 &&
      Object.entries(value).every(([name, item]) => equalJson(shown[name], item)) &&
      (Object.keys(value).length > 0 || endsIn(path.at(-1) ?? '', field));
    if (isShown) {
      const at = pointer(...path, key);
      yield* candidateAt(state, layer.file, { ...place, at }, { ...change, at });
    }
  }
}

function endsIn(name: string, field: string): boolean {
  return name.toLowerCase().endsWith(field.toLowerCase());
}

/** The template's own text, where it is regular enough to be read as YAML at that place. */
function* templateText({ state, object, origin, change }: WantedChange): Generator<Candidate> {
  const source = state.text(origin.file);
  if (source === undefined) {
    return;
  }
  const newline = origin.text.includes('\r\n') ? '\r\n' : '\n';
  let text = origin.text;
  for (const operation of operationsFor(object, [change])) {
    const plan = planEdit(readSourceTree(text), operation, newline);
    // An expression is not written over: what it reads is what is to change.
    if ('problem' in plan || text.slice(plan.start, plan.end).includes('{{')) {
      return;
    }
    text = applyEdit(text, plan);
  }
  const { offset } = origin;
  yield {
    path: source.path,
    text: source.text.slice(0, offset) + text + source.text.slice(offset + origin.text.length),
  };
}
