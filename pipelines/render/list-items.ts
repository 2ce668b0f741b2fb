import { isObject, stringIn } from '../../policies/core/json.ts';
import { dumpSchema } from './dump-schema.ts';
import { jsonList } from './json-list.ts';
import { parseDocument } from './parse-documents.ts';
import { splitDocuments } from './split-documents.ts';

interface SplitList {
  readonly items: readonly string[];
  /** The list without its items. */
  readonly rest: string;
}

const yamlHead = /^items:[ \t]*\r?\n(?=- )/mu;
const yamlTail = /^[^- \r\n]/mu;

/**
 * The source of each item of a List as programs write it, so that one item is parsed at a time; undefined where the text
 * is something else. An item that needs the others, as an alias does, cannot be read by itself.
 */
export function listItems(text: string): readonly string[] | undefined {
  const [document, ...others] = splitDocuments(text);
  if (document === undefined || others.length > 0) {
    return undefined;
  }
  const split = document.text.trimStart().startsWith('{')
    ? splitJson(document.text)
    : splitYaml(document.text);
  return split !== undefined && isEmptyList(split.rest) ? split.items : undefined;
}

function isEmptyList(text: string): boolean {
  const reading = parseDocument(text, dumpSchema);
  const list = 'value' in reading ? reading.value : undefined;
  return (
    isObject(list) &&
    stringIn(list, 'apiVersion') !== undefined &&
    stringIn(list, 'kind')?.endsWith('List') === true &&
    Array.isArray(list['items']) &&
    list['items'].length === 0
  );
}

function splitYaml(text: string): SplitList | undefined {
  const head = yamlHead.exec(text);
  if (head === null) {
    return undefined;
  }
  const body = text.slice(head.index + head[0].length);
  const length = yamlTail.exec(body)?.index ?? body.length;
  return {
    // In the place of its dash, an item keeps its indentation.
    items: body
      .slice(0, length)
      .split(/^(?=- )/mu)
      .map((item) => ` ${item.slice(1)}`),
    rest: `${text.slice(0, head.index)}items: []\n${body.slice(length)}`,
  };
}

function splitJson(text: string): SplitList | undefined {
  const bytes = Buffer.from(text);
  const found = jsonList(bytes);
  if (found === undefined) {
    return undefined;
  }
  const { items, rest } = found;
  return { items: items.map(({ start, end }) => bytes.toString('utf8', start, end)), rest };
}
