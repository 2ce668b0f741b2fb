import {
  COLLECTION_STYLE,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  type Event,
  type MappingEvent,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml';
import { readIndented } from '../../policies/core/load-yaml.ts';
import { pointerSegments, type Pointer } from '../../policies/core/pointer.ts';
import { deepestNesting } from './parse-documents.ts';
import { spellKey } from './yaml-schema.ts';

/** A document as the parser's stream of events, each with its offsets in the text. */
export interface SourcePlaces {
  /** As the parser takes it: lines that it does not forgive for standing too far left are indented more. */
  readonly text: string;
  readonly events: readonly Event[];
  /** For each event that begins a node, the event behind the node. */
  readonly behind: Int32Array;
  /** The offset at which each line begins. */
  readonly lineStarts: readonly number[];
  /** How much deeper each line is indented here than where it is written; undefined where none is. */
  readonly deeper: readonly number[] | undefined;
}

/** A node that a pointer leads to, or the nearest existing one on the way; by places in the events, aliases followed. */
export interface FoundPlace {
  readonly node: number;
  /** The key that holds it, where a mapping does. */
  readonly key: number | undefined;
  /** False where some member on the way does not exist. */
  readonly exact: boolean;
}

type Found = Omit<FoundPlace, 'exact'>;

const documentNode = 1;

/** Reads where the nodes of a document are: as fast as reading its value. What is no YAML has no places. */
export function readPlaces(written: string): SourcePlaces {
  const { text, events } = readEvents(written);
  const lineStarts = lineStartsOf(text);
  const deeper = text === written ? undefined : addedTo(lineStarts, lineStartsOf(written));
  return { text, events, behind: behindNodes(events), lineStarts, deeper };
}

/** Follows a pointer as far as it leads; undefined in an empty document. */
export function findPlace(places: SourcePlaces, at: Pointer): FoundPlace | undefined {
  const { events } = places;
  if (events[documentNode] === undefined) {
    return undefined;
  }
  let found: Found = { node: followAlias(places, documentNode), key: undefined };
  for (const segment of pointerSegments(at)) {
    const next = step(places, found.node, segment);
    if (next === undefined) {
      return { ...found, exact: false };
    }
    found = { ...next, node: followAlias(places, next.node) };
  }
  return { ...found, exact: true };
}

/** The offset of a node's first character, of a quoted text its quote; undefined where nothing is written. */
export function startOf({ events }: SourcePlaces, node: number): number | undefined {
  const event = events[node];
  if (isCollection(event)) {
    return event.start;
  }
  if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) {
    return undefined;
  }
  return isQuoted(event) ? event.valueStart - 1 : event.valueStart;
}

/** The offset behind the last character of a node and of all that it holds; undefined where nothing is written. */
export function endOf({ text, events, behind }: SourcePlaces, node: number): number | undefined {
  const open: CollectionEvent[] = [];
  let end: number | undefined;
  for (const event of events.slice(node, behind[node])) {
    if (isCollection(event)) {
      open.push(event);
      end = isBracketed(text, event) ? event.start + 1 : event.start;
    } else if (event.type === EVENT_ID.POP) {
      const closed = open.pop();
      end = closed !== undefined && isBracketed(text, closed) ? behindBracket(text, end) : end;
    } else {
      end = ownEnd(event) ?? end;
    }
  }
  return end;
}

/** Whether a node is a `|` or `>` text. */
export function isBlockScalar({ events }: SourcePlaces, node: number): boolean {
  const event = events[node];
  return (
    event?.type === EVENT_ID.SCALAR &&
    (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK)
  );
}

type CollectionEvent = MappingEvent | SequenceEvent;

function readEvents(written: string): Pick<SourcePlaces, 'text' | 'events'> {
  try {
    return readIndented(written, (text) => ({
      text,
      events: parseEvents(text, { maxDepth: deepestNesting }),
    }));
  } catch {
    return { text: written, events: [] };
  }
}

function addedTo(lineStarts: readonly number[], written: readonly number[]): readonly number[] {
  return lineStarts.map((start, line) => {
    const end = lineStarts[line + 1] ?? start;
    return end - start - ((written[line + 1] ?? 0) - (written[line] ?? 0));
  });
}

function behindNodes(events: readonly Event[]): Int32Array {
  const behind = new Int32Array(events.length);
  const open: number[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type === EVENT_ID.POP) {
      behind[open.pop() ?? 0] = index + 1;
    } else if (isCollection(event) || event.type === EVENT_ID.DOCUMENT) {
      open.push(index);
    } else {
      behind[index] = index + 1;
    }
  }
  return behind;
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    starts.push(end + 1);
  }
  return starts;
}

/** The node that an alias names: the last one before it that bears the anchor. */
function followAlias({ text, events }: SourcePlaces, node: number): number {
  const alias = events[node];
  if (alias?.type !== EVENT_ID.ALIAS) {
    return node;
  }
  const name = text.slice(alias.anchorStart, alias.anchorEnd);
  const anchored = events.findLastIndex(
    (event, index) =>
      index < node &&
      (isCollection(event) || event.type === EVENT_ID.SCALAR) &&
      text.slice(event.anchorStart, event.anchorEnd) === name,
  );
  return anchored < 0 ? node : anchored;
}

function step(places: SourcePlaces, node: number, segment: string): Found | undefined {
  const event = places.events[node];
  if (event?.type === EVENT_ID.SEQUENCE) {
    const item = /^\d+$/u.test(segment) ? nth(places, node, Number(segment)) : undefined;
    return item === undefined ? undefined : { node: item, key: undefined };
  }
  return event?.type === EVENT_ID.MAPPING ? stepIntoMapping(places, node, segment) : undefined;
}

function stepIntoMapping(places: SourcePlaces, node: number, segment: string): Found | undefined {
  let merged: Found | undefined;
  for (const [key, value] of pairs(places, node)) {
    const name = keyText(places, key);
    if (name === segment) {
      return { node: value, key };
    }
    if (name === '<<') {
      merged ??= stepIntoMerge(places, value, segment);
    }
  }
  return merged;
}

function stepIntoMerge(places: SourcePlaces, value: number, segment: string): Found | undefined {
  const isList = places.events[value]?.type === EVENT_ID.SEQUENCE;
  for (const source of isList ? children(places, value) : [value]) {
    const found = step(places, followAlias(places, source), segment);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function nth(places: SourcePlaces, sequence: number, wanted: number): number | undefined {
  return children(places, sequence).drop(wanted).next().value;
}

function* pairs(places: SourcePlaces, mapping: number): Generator<readonly [number, number]> {
  let key: number | undefined;
  for (const child of children(places, mapping)) {
    if (key === undefined) {
      key = child;
    } else {
      yield [key, child];
      key = undefined;
    }
  }
}

/** The nodes right inside of a collection: items, or keys and values in turn. */
function* children({ events, behind }: SourcePlaces, collection: number): Generator<number> {
  let node = collection + 1;
  while (node < events.length && events[node]?.type !== EVENT_ID.POP) {
    yield node;
    node = behind[node] ?? events.length;
  }
}

/** A key as the API server spells it: YAML 1.1 booleans become `true` and `false`. */
function keyText({ text, events }: SourcePlaces, key: number): string | undefined {
  const event = events[key];
  if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) {
    return undefined;
  }
  const name = getScalarValue(text, event);
  return event.style === SCALAR_STYLE.PLAIN ? spellKey(name) : name;
}

function isCollection(event: Event | undefined): event is CollectionEvent {
  return event?.type === EVENT_ID.MAPPING || event?.type === EVENT_ID.SEQUENCE;
}

function isQuoted({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
}

/** A lone pair in a list, `[a: 1]`, is a flow mapping without brackets. */
function isBracketed(text: string, { start, style }: CollectionEvent): boolean {
  return style === COLLECTION_STYLE.FLOW && '[{'.includes(text.charAt(start));
}

/** Behind the bracket that closes a flow collection whose last member ends at `end`. */
function behindBracket(text: string, end = 0): number {
  const closing = /(?:[^\]}#]|#[^\n]*)*[\]}]/uy;
  closing.lastIndex = end;
  return closing.test(text) ? closing.lastIndex : end;
}

function ownEnd(event: Event | undefined): number | undefined {
  if (event?.type === EVENT_ID.ALIAS) {
    return event.anchorEnd;
  }
  if (event?.type !== EVENT_ID.SCALAR || event.valueEnd < 0) {
    return undefined;
  }
  return event.valueEnd + (isQuoted(event) ? 1 : 0);
}
