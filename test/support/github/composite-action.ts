import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { listIn, objectIn, stringIn, valueIn, type Json } from '../../../policies/core/json.ts';

/** What expressions of an action may read, by their names. */
export type ActionContexts = Readonly<Record<'inputs' | 'github', Json>>;

/** What a run of an action gave. */
export interface ActionRun {
  /** The first exit code that is not 0. */
  readonly code: number;
  readonly log: string;
  /** Actions of others that a runner would have run, with what they were given. */
  readonly uses: readonly { readonly action: string; readonly with: Json }[];
}

/**
 * Runs the steps of a composite action as GitHub's runner does: each script by bash, which ends at the first error,
 * with the environment of the step. Source: docs.github.com, "Metadata syntax reference" and "Workflow commands".
 */
export async function runAction(
  folder: string,
  given: { readonly inputs: Readonly<Record<string, string>>; readonly github: Json },
  environment: Readonly<Record<string, string>>,
): Promise<ActionRun> {
  const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8')) as Json;
  const github = { ...(given.github as object), action_path: folder };
  const defaults = Object.fromEntries(
    Object.entries(objectIn(action, 'inputs')).map(([name, input]) => [
      name,
      fill(stringIn(input, 'default') ?? '', { inputs: {}, github }),
    ]),
  );
  const contexts = { inputs: { ...defaults, ...given.inputs }, github };
  const uses: { action: string; with: Json }[] = [];
  let log = '';
  for (const step of listIn(action, 'runs', 'steps')) {
    const condition = stringIn(step, 'if');
    if (condition !== undefined && evaluate(condition, contexts) !== 'true') {
      continue;
    }
    const other = stringIn(step, 'uses');
    if (other !== undefined) {
      uses.push({ action: other, with: filled(objectIn(step, 'with'), contexts) });
      continue;
    }
    const child = spawn(
      'bash',
      [
        '--noprofile',
        '--norc',
        '-eo',
        'pipefail',
        '-c',
        fill(stringIn(step, 'run') ?? '', contexts),
      ],
      {
        cwd: fill(stringIn(step, 'working-directory') ?? folder, contexts),
        env: { ...environment, ...filled(objectIn(step, 'env'), contexts) },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const exit = once(child, 'close') as Promise<[number | null]>;
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    log += out + err;
    if (code !== 0) {
      return { code: code ?? -1, log, uses };
    }
  }
  return { code: 0, log, uses };
}

function filled(
  values: Readonly<Record<string, Json>>,
  contexts: ActionContexts,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, fill(scalarText(value), contexts)]),
  );
}

function fill(source: string, contexts: ActionContexts): string {
  return source.replaceAll(/\$\{\{\s*(.+?)\s*\}\}/gu, (_, expression: string) =>
    evaluate(expression, contexts),
  );
}

/** An expression of names, texts, `==`, `&&` and `||`; what is empty counts as false. */
function evaluate(expression: string, contexts: ActionContexts): string {
  for (const part of expression.split(/\s*\|\|\s*/u)) {
    const value = part
      .split(/\s*&&\s*/u)
      .reduce((last, term) => (last === '' ? '' : compare(term, contexts)), 'true');
    if (value !== '') {
      return value;
    }
  }
  return '';
}

function compare(term: string, contexts: ActionContexts): string {
  const [left = '', right] = term.split(/\s*==\s*/u);
  if (right === undefined) {
    return valueOf(left, contexts);
  }
  return valueOf(left, contexts) === valueOf(right, contexts) ? 'true' : '';
}

function valueOf(name: string, contexts: ActionContexts): string {
  const quoted = /^'(?<text>.*)'$/u.exec(name)?.groups?.['text'];
  return quoted ?? scalarText(valueIn(contexts, ...name.split('.')));
}

function scalarText(value: Json | undefined): string {
  return value === undefined || typeof value === 'object' ? '' : String(value);
}
