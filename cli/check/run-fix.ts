import { createTwoFilesPatch } from 'diff';
import type { CheckReport } from '../../pipelines/check.ts';
import type { FixNote } from '../../pipelines/fix-note.ts';
import { fixSources } from '../../pipelines/fix.ts';
import type { Rules } from '../../pipelines/judge.ts';
import { plainLine, plainText } from '../../pipelines/present/escape.ts';
import type { InputError } from '../../pipelines/render/manifests.ts';
import { inputName, type Sources } from '../../pipelines/source/read-sources.ts';
import { replaceFile } from '../../pipelines/source/write-file.ts';
import type { Terminal } from '../terminal.ts';
import type { CheckOptions } from './options.ts';

/** Writes the fixes into the files, tells which, and gives what is left to report. */
export async function fixFiles(
  sources: Sources,
  rules: Rules,
  options: CheckOptions,
  terminal: Terminal,
): Promise<CheckReport> {
  const { report, fixed, refused, files } = await fixSources(sources, rules);
  const errors: InputError[] = [];
  for (const { file, before, after } of files) {
    const failure = replaceFile(file, before, after);
    if (failure !== undefined) {
      errors.push({ file, line: 1, text: `the fix was not written: ${failure.problem}` });
    }
  }
  if (!options.quiet) {
    const unwritten = new Set(errors.map(({ file }) => file));
    for (const note of fixed) {
      const { located, files = [located.file] } = note;
      const others = files.filter((file) => file !== located.file);
      const where = others.length === 0 ? '' : `, in ${plainLine(others.join(', '))}`;
      if (!files.some((file) => unwritten.has(file))) {
        terminal.err(`fixed: ${placeOf(note)}${where}\n`);
      }
    }
    tellRefused(refused, terminal);
  }
  return { ...report, errors: [...report.errors, ...errors] };
}

/** Prints what the fixes would change as a unified diff, in the standard input too; gives the report on the files as they are. */
export async function showDiff(
  sources: Sources,
  rules: Rules,
  terminal: Terminal,
): Promise<CheckReport> {
  const texts = sources.texts.map((source) =>
    source.file === inputName ? { ...source, writable: true } : source,
  );
  const { initial, refused, files } = await fixSources({ ...sources, texts }, rules);
  for (const { file, before, after } of files) {
    const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after);
    const body = patch.replace(/^=+\n/u, '');
    terminal.out(terminal.outIsTerminal ? plainText(body) : body);
  }
  tellRefused(refused, terminal);
  for (const { file, line, text } of initial.errors) {
    terminal.err(`${plainLine(file)}:${String(line)}: cannot be read: ${plainLine(text)}\n`);
  }
  return initial;
}

function tellRefused(refused: readonly FixNote[], terminal: Terminal): void {
  for (const note of refused) {
    terminal.err(`not fixed: ${placeOf(note)}: ${plainLine(note.problem ?? '')}\n`);
  }
}

function placeOf({ located }: FixNote): string {
  return plainLine(`${located.file}:${String(located.line)} ${located.finding.policy}`);
}
