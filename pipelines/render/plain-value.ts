import { EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml';
import type { Json } from '../../policies/core/json.ts';
import type { DocumentText } from './split-documents.ts';
import { mergeKey, resolvePlain } from './yaml-schema.ts';

/** What is left of a document's events to make values of. */
interface Reader {
  readonly source: string;
  readonly events: readonly Event[];
  at: number;
}

/**
 * The value of a document by `apiServerSchema`, in half of the time that the parser's own constructor takes, or
 * undefined where the document has what only that one knows or has to refuse: tags, anchors, aliases, merge keys,
 * directives, keys that are no texts or there twice. Throws what `resolvePlain` throws.
 */
export function plainValue(source: string, events: readonly Event[]): Json | undefined {
  const reader: Reader = { source, events, at: 0 };
  const value = readDocument(reader);
  return reader.at === events.length ? value : undefined;
}

/**
 * The values of all documents of a file by the events of its whole text, undefined for those that hold nothing; or
 * undefined where some document is not plain, or the parser sees others than `parts`.
 */
export function plainValues(
  source: string,
  events: readonly Event[],
  parts: readonly DocumentText[],
): readonly (Json | undefined)[] | undefined {
  const reader: Reader = { source, events, at: 0 };
  const values: (Json | undefined)[] = [];
  for (const { offset, text } of parts) {
    const start = startOf(events[reader.at + 1]);
    if (start >= offset + text.length) {
      values.push(undefined);
      continue;
    }
    const value = start < offset ? undefined : readDocument(reader);
    if (value === undefined) {
      return undefined;
    }
    values.push(value);
  }
  return reader.at === events.length ? values : undefined;
}

function readDocument(reader: Reader): Json | undefined {
  const document = reader.events[reader.at];
  if (document?.type !== EVENT_ID.DOCUMENT || document.directives.length > 0) {
    return undefined;
  }
  reader.at += 1;
  const value = read(reader);
  reader.at += 1;
  return reader.events[reader.at - 1]?.type === EVENT_ID.POP ? value : undefined;
}

/** Where a document's value begins; before all where nothing is written, behind all where there is no more document. */
function startOf(event: Event | undefined): number {
  switch (event?.type) {
    case EVENT_ID.SCALAR:
      return event.valueStart;
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      return event.start;
    case undefined:
      return Number.POSITIVE_INFINITY;
    default:
      return -1;
  }
}

function read(reader: Reader): Json | undefined {
  const event = reader.events[reader.at];
  reader.at += 1;
  if (
    event === undefined ||
    event.type === EVENT_ID.DOCUMENT ||
    event.type === EVENT_ID.POP ||
    event.type === EVENT_ID.ALIAS ||
    event.anchorStart >= 0 ||
    event.tagStart >= 0
  ) {
    return undefined;
  }
  if (event.type === EVENT_ID.SCALAR) {
    const text = getScalarValue(reader.source, event);
    return event.style === SCALAR_STYLE.PLAIN ? resolvePlain(text) : text;
  }
  return event.type === EVENT_ID.MAPPING ? readMapping(reader) : readSequence(reader);
}

function readSequence(reader: Reader): Json | undefined {
  const items: Json[] = [];
  while (reader.events[reader.at]?.type !== EVENT_ID.POP) {
    const item = read(reader);
    if (item === undefined) {
      return undefined;
    }
    items.push(item);
  }
  reader.at += 1;
  return items;
}

function readMapping(reader: Reader): Json | undefined {
  const members: Record<string, Json> = {};
  while (reader.events[reader.at]?.type !== EVENT_ID.POP) {
    const key = read(reader);
    // No member is undefined, and reading one costs less than asking for it.
    if (typeof key !== 'string' || key === mergeKey || members[key] !== undefined) {
      return undefined;
    }
    const value = read(reader);
    if (value === undefined) {
      return undefined;
    }
    members[key] = value;
  }
  reader.at += 1;
  return members;
}
