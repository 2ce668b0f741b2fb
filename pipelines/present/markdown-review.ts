import { effectOf } from '../../policies/core/finding.ts';
import type { Review, ReviewedFinding } from '../review.ts';
import { rendererVersions } from '../render/renderer-versions.ts';
import { changeItems } from './markdown-changes.ts';
import { countItems, countsHead } from './markdown-counts.ts';
import { findingItem, listedFinding } from './markdown-findings.ts';
import { meaningItems } from './markdown-meaning.ts';
import { composeSections, type Item, type Section } from './markdown-sections.ts';
import { codeSpan, prose } from './markdown-text.ts';
import { pictureItems } from './mermaid-section.ts';

/** The first line of every review comment; nothing that a manifest says can write it. */
export const reviewMarker = '<!-- meshgate:review -->';

/**
 * Below GitHub's limit of 65,536 characters for a comment, with room for what is added around it. Counted in bytes,
 * of which there are never fewer than characters.
 */
const largestBytes = 60_000;

/** A review as it appears in a pull request: GitHub-flavoured Markdown in which text of manifests cannot act. */
export function toMarkdown(review: Review): string {
  const loud = review.introduced.filter(({ finding }) => effectOf(finding) !== 'list');
  const quiet = review.introduced.filter(({ finding }) => effectOf(finding) === 'list');
  const sections: readonly Section[] = [
    headed('What it means', meaningItems(review.meaning), 2),
    headed('Introduced', loud.map(findingItem), 0),
    headed('Could not be read', unreadableItems(review), 1),
    folded('Introduced, for information', quiet.map(findingItem), 4),
    folded('Resolved', review.resolved.map(listedFinding), 5),
    folded('Remaining from before', review.remaining.map(listedFinding), 6),
    headed('What changes', changeItems(review.changes, review.rootNamespace), 3),
    folded('Changes by source and kind', countItems(review.counts), 8, countsHead),
    headed('Picture', pictureItems(review.picture), 7),
  ];
  return composeSections(top(review, loud), sections, bottom(review), largestBytes);
}

function headed(title: string, items: readonly Item[], rank: number): Section {
  return { open: `\n#### ${title}\n\n`, close: '', items, rank };
}

function folded(title: string, items: readonly Item[], rank: number, head = ''): Section {
  const open = `\n<details><summary>${title} (${String(items.length)})</summary>\n\n${head}`;
  return { open, close: '\n</details>\n', items, rank };
}

function top(review: Review, loud: readonly ReviewedFinding[]): string {
  const { base, head, baseMoved = 0, resolved, remaining, unreadable } = review;
  const moved =
    baseMoved > 0 ? `, since when the base branch has moved by ${count(baseMoved, 'commit')}` : '';
  const blocking = loud.filter(({ finding }) => effectOf(finding) === 'block').length;
  const verdicts = [
    ...(blocking > 0 ? [count(blocking, 'new problem') + ' to fix before merging'] : []),
    ...(loud.length > blocking ? [count(loud.length - blocking, 'new warning')] : []),
    ...(unreadable.some(({ introduced }) => introduced) ? ['not everything could be read'] : []),
  ];
  const verdict = verdicts.length === 0 ? 'nothing new to fix' : verdicts.join(', ');
  const totals = `${String(resolved.length)} resolved, ${String(remaining.length)} remaining from before`;
  return `${reviewMarker}\n### meshgate: ${verdict}\n\n${totals}. Compared ${short(head)} with its merge base ${short(base)}${moved}.\n${driftLines(review)}`;
}

function bottom({ chartStamps, configurationChanges, leftOut, rendered }: Review): string {
  const { kustomize, helm } = rendererVersions;
  const notes = [
    ...(rendered.roots > 0
      ? [
          `${count(rendered.roots, 'root')} rendered by Kustomize ${kustomize} and Helm ${helm}, for Kubernetes ${codeSpan(rendered.kubeVersion)}.`,
        ]
      : []),
    ...(chartStamps > 0
      ? [
          `Not shown: ${count(chartStamps, 'difference')} in labels and annotations that charts stamp with every release (\`helm.sh/chart\`, \`app.kubernetes.io/version\`, \`checksum/*\`).`,
        ]
      : []),
    ...(configurationChanges
      ? ['`meshgate.yaml` changes here; this review used the one of the merge base.']
      : []),
    ...leftOutNotes(leftOut),
  ];
  return notes.length === 0 ? '' : `\n#### Notes\n\n${notes.map((note) => `- ${note}\n`).join('')}`;
}

const mostClusters = 5;
const mostObjects = 5;

/** What a merge meets in the clusters, since somebody changed there what the pull request changes too. */
function driftLines({ touched = [] }: Review): string {
  return touched
    .slice(0, mostClusters)
    .map(({ cluster, objects }) => {
      const named = objects.slice(0, mostObjects).map(codeSpan).join(', ');
      const rest = objects.length - mostObjects;
      const more = rest > 0 ? ` and ${String(rest)} more` : '';
      return `\nThe cluster ${codeSpan(cluster)} already differs from the base in ${count(objects.length, 'object')} that this change touches: ${named}${more}.\n`;
    })
    .join('');
}

const mostNotes = 10;

function leftOutNotes(leftOut: Review['leftOut']): readonly string[] {
  const notes = leftOut
    .slice(0, mostNotes)
    .map(({ path, reason }) => `Not read: ${codeSpan(path)} (${reason}).`);
  const rest = leftOut.length - notes.length;
  return rest > 0 ? [...notes, `${count(rest, 'more file')} not read.`] : notes;
}

function unreadableItems({ unreadable }: Review): readonly Item[] {
  return unreadable.map(({ path, text }) => {
    const brief = `- ${codeSpan(path)}`;
    return { brief, full: () => `${brief}: ${prose(text)}` };
  });
}

function count(amount: number, noun: string): string {
  return `${String(amount)} ${noun}${amount === 1 ? '' : 's'}`;
}

function short(commit: string): string {
  return codeSpan(commit.slice(0, 10));
}
