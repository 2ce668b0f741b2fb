import { isObject, listIn, objectIn, stringIn, type Json } from '../../policies/core/json.ts';
import { hiddenValue } from '../compare/mask.ts';
import { parseDocuments } from './parse-documents.ts';

/** Shorter ones would hide words that say what is wrong. */
const shortest = 4;
const mostTexts = 10_000;

/** What a renderer complains of, without what the files that it read keep in Secrets or make Secrets of. */
export function hideSecrets(problem: string, files: ReadonlyMap<string, string>): string {
  const secrets = new Set<string>();
  for (const text of secretTexts(files)) {
    for (const part of [text, ...text.split('\n')]) {
      secrets.add(part.trim());
      secrets.add(part.slice(part.indexOf('=') + 1).trim());
    }
    if (secrets.size > mostTexts) {
      break;
    }
  }
  return [...secrets]
    .filter((secret) => secret.length >= shortest)
    .toSorted((left, right) => right.length - left.length)
    .reduce((hidden, secret) => hidden.replaceAll(secret, hiddenValue), problem);
}

function* secretTexts(files: ReadonlyMap<string, string>): Iterable<string> {
  for (const text of files.values()) {
    if (!/\bSecret\b|secretGenerator/u.test(text)) {
      continue;
    }
    for (const { value } of parseDocuments(text).documents) {
      if (stringIn(value, 'kind') === 'Secret') {
        const data = Object.values(objectIn(value, 'data')).filter(isText);
        yield* data;
        yield* data.map((encoded) => Buffer.from(encoded, 'base64').toString('utf8'));
        yield* Object.values(objectIn(value, 'stringData')).filter(isText);
      }
      for (const generator of listIn(value, 'secretGenerator').filter(isObject)) {
        yield* listIn(generator, 'literals').filter(isText);
        const sources = [
          ...listIn(generator, 'files'),
          ...listIn(generator, 'envs'),
          generator['env'],
        ];
        yield* sources.filter(isText).flatMap((source) => contentsOf(source, files));
      }
    }
  }
}

/** The files that `path` or `key=path` of a generator may mean, wherever the generator stands. */
function contentsOf(source: string, files: ReadonlyMap<string, string>): readonly string[] {
  const path = source.replace(/^[^=]*=/u, '').replace(/^\.\//u, '');
  return [...files].flatMap(([name, text]) =>
    name === path || name.endsWith(`/${path}`) ? [text] : [],
  );
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}
