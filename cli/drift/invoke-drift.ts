import { createCaller } from '../../functions/invoke.ts';
import { isObject, listIn, stringIn } from '../../policies/core/json.ts';
import { plainLine } from '../../pipelines/present/escape.ts';
import { readJsonDrift } from '../../pipelines/present/read-json-drift.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { DriftOptions } from './options.ts';
import { printJson, printTexts } from './print-drift.ts';

/**
 * Has a function do it, prints what it answers, and gives the exit code. Nothing is told elsewhere, since a person
 * reads the answer. Throws a UsageError where the function cannot be called or fails.
 */
export async function invokeDrift(
  name: string,
  options: DriftOptions,
  terminal: Terminal,
): Promise<number> {
  const { target } = options;
  const job = {
    version: 1,
    quiet: true,
    wait: true,
    ...(target === undefined ? {} : { target }),
  };
  const answer = await call(name, job);
  const verdict = isObject(answer) ? stringIn(answer, 'verdict') : undefined;
  if (verdict === undefined) {
    throw new UsageError(`the function ${name} answered no drift report: is it of this version?`);
  }
  if (options.output === 'json') {
    printJson(answer, terminal);
  } else {
    const clusters = listIn(answer, 'clusters');
    const reports = [answer, ...clusters].flatMap((value) => readJsonDrift(value) ?? []);
    await printTexts(reports, options, terminal);
    for (const entry of listIn(answer, 'summary')) {
      const problem = stringIn(entry, 'why');
      if (problem !== undefined) {
        terminal.out(
          `\n${plainLine(stringIn(entry, 'cluster') ?? '')}: could not be compared: ${plainLine(problem)}\n`,
        );
      }
    }
  }
  return exitCodeOf([verdict]);
}

async function call(name: string, job: object): Promise<unknown> {
  try {
    return await createCaller()(name, job);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
