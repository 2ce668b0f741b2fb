import { describeReference } from '../../policies/core/resource.ts';
import type { AdoptionNote } from '../drift-adopt.ts';
import { pathOf } from '../drift/readable-path.ts';
import { attribution, shownValue } from './drift-words.ts';
import { plainLine } from './escape.ts';
import { composeSections, type Item } from './markdown-sections.ts';
import { codeSpan, prose, shorten } from './markdown-text.ts';

const largestBytes = 58_000;

/** The title of a pull request that adopts what a cluster has. */
export function adoptionTitle(cluster: string): string {
  return shorten(plainLine(`Adopt what the cluster ${cluster} has`), 200);
}

/** Its text: what it brings in and who set it, and what it leaves out and why. Text of others cannot act in it. */
export function adoptionBody(cluster: string, notes: readonly AdoptionNote[]): string {
  const adopted = notes.filter(({ problem }) => problem === undefined);
  const left = notes.filter(({ problem }) => problem !== undefined);
  const top = `These values were changed in the cluster ${codeSpan(cluster)} and not in Git. Merging keeps them; closing this leaves the next deployment to undo them.\n`;
  const sections = [
    { open: '\n#### Adopted\n\n', close: '', items: adopted.map(noteItem), rank: 0 },
    { open: '\n#### Left as Git has it\n\n', close: '', items: left.map(noteItem), rank: 1 },
  ];
  return composeSections(top, sections, '', largestBytes);
}

function noteItem({ drift, field, problem }: AdoptionNote): Item {
  const object = codeSpan(describeReference(drift.reference));
  const brief = `- ${object}${field === undefined ? '' : ` ${codeSpan(pathOf(drift, field))}`}`;
  return {
    brief,
    full: () => {
      if (problem !== undefined || field === undefined) {
        return `${brief}: ${prose(problem ?? '')}`;
      }
      const who = attribution(field);
      const values = `${value(field.declared)} becomes ${value(field.live)}`;
      return `${brief}: ${values}${who === '' ? '' : `, set by ${prose(who)}`}`;
    },
  };
}

function value(json: Parameters<typeof shownValue>[0]): string {
  return json === undefined ? 'nothing' : codeSpan(shownValue(json));
}
