import { isObject, stringIn } from '../../policies/core/json.ts';
import { dumpSchema } from './dump-schema.ts';
import { parseDocument } from './parse-documents.ts';
import { splitDocuments } from './split-documents.ts';

interface SplitList {
  readonly items: readonly string[];
  /** The list without its items. */
  readonly rest: string;
}

const itemsKey = /"items"\s*:\s*$/u;
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
  const items: string[] = [];
  let list = -1;
  let from = -1;
  for (const { mark, at, depth } of marksOf(text)) {
    if (mark === '#' || mark === "'") {
      // YAML that is no JSON.
      return undefined;
    }
    if (from === -1) {
      if (mark === '[' && depth === 2 && itemsKey.test(text.slice(Math.max(0, at - 32), at))) {
        list = at;
        from = at + 1;
      }
    } else if (depth === 1) {
      items.push(text.slice(from, at));
      return { items, rest: `${text.slice(0, list)}[]${text.slice(at + 1)}` };
    } else if (mark === ',' && depth === 2) {
      items.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return undefined;
}

/** What gives JSON its structure, with the depth after it; strings are passed over. */
function* marksOf(
  text: string,
): Generator<{ readonly mark: string; readonly at: number; readonly depth: number }> {
  const marks = /["#',[\]{}]/gu;
  let depth = 0;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const { 0: mark, index: at } = found;
    if (mark === '"') {
      marks.lastIndex = endOfString(text, at) + 1;
      continue;
    }
    if (mark === '{' || mark === '[') {
      depth += 1;
    } else if (mark === '}' || mark === ']') {
      depth -= 1;
    }
    yield { mark, at, depth };
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') {
      slashes += 1;
    }
    if (slashes % 2 === 0) {
      return end;
    }
  }
  return text.length;
}
