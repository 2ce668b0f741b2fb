import { isObject, type JsonObject } from '../core/json.ts';
import { equalJson } from '../core/patch.ts';
import { readYaml } from '../core/yaml.ts';
import { snakeCase } from './mesh-config.ts';

/**
 * The text of `proxy.istio.io/config` with one setting added or replaced; every other byte (comments, order, line
 * ends, spelling) stays. Undefined where the text cannot be edited so that it reads as wanted.
 */
export function editProxyConfig(
  text: string | undefined,
  key: string,
  value: string,
): string | undefined {
  const reading = readYaml(text ?? '');
  if ('problem' in reading || !(reading.value === null || isObject(reading.value))) {
    return undefined;
  }
  const before = reading.value ?? {};
  const written = Object.hasOwn(before, snakeCase(key)) ? snakeCase(key) : key;
  const wanted: JsonObject = { ...before, [written]: value };
  const source = text ?? '';
  const replaced = Object.hasOwn(before, written);
  const candidates = replaced
    ? [replaceValue(source, written, value)]
    : insertions(source, written, value);
  return candidates.find((candidate) => candidate !== undefined && reads(candidate, wanted));
}

function insertions(source: string, key: string, value: string): readonly string[] {
  const eol = source.includes('\r\n') ? '\r\n' : '\n';
  const brace = /^\s*\{/u.exec(source);
  if (brace !== null) {
    const rest = source.slice(brace[0].length);
    const separator = /^\s*\}/u.test(rest) ? '' : ', ';
    return [
      `${brace[0]}"${key}": "${value}"${separator}${separator === '' ? rest : rest.trimStart()}`,
    ];
  }
  const indent = /^([ ]*)[^\s#]/mu.exec(source)?.[1] ?? '';
  const line = `${indent}${key}: ${value}${eol}`;
  const ended = source === '' || source.endsWith('\n') ? source : `${source}${eol}`;
  return [`${ended}${line}`, `${line}${source}`];
}

function replaceValue(source: string, key: string, value: string): string | undefined {
  const block = new RegExp(
    `^([ ]*)(["']?)${key}\\2(\\s*:[ \\t]*)("[^"\\n]*"|'[^'\\n]*'|[^\\s#][^#\\r\\n]*?)?([ \\t]*(?:#[^\\r\\n]*)?)$`,
    'mu',
  );
  if (!/^\s*\{/u.test(source)) {
    return block.test(source)
      ? source.replace(
          block,
          (_whole, indent: string, quote: string, colon: string, _old: unknown, rest: string) => {
            const gap = /[ \t]$/u.test(colon) ? colon : `${colon} `;
            return `${indent}${quote}${key}${quote}${gap}${value}${rest}`;
          },
        )
      : undefined;
  }
  const flow = new RegExp(`(["']?)${key}\\1(\\s*:\\s*)("[^"]*"|'[^']*'|[^,}\\s]+)`, 'u');
  return source.replace(
    flow,
    (_whole, quote: string, colon: string) => `${quote}${key}${quote}${colon}"${value}"`,
  );
}

function reads(text: string, wanted: JsonObject): boolean {
  const reading = readYaml(text);
  return 'value' in reading && equalJson(reading.value, wanted);
}
