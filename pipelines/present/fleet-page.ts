import type { Standing } from '../drift-standing.ts';
import { plainLine } from './escape.ts';
import { codeSpan, prose } from './markdown-text.ts';

const order = ['drift', 'undetermined', 'in-sync'];

/** A fleet for people, what drifts first. */
export function fleetText(name: string, standings: readonly Standing[]): string {
  const widest = Math.max(0, ...standings.map(({ cluster }) => cluster.length));
  const lines = sorted(standings).map(
    ({ cluster, verdict, why }) => `${verdict.padEnd(12)}  ${cluster.padEnd(widest)}  ${why}`,
  );
  return [`${name}: ${countsOf(standings)}`, ...lines]
    .map((line) => `${plainLine(line).trimEnd()}\n`)
    .join('');
}

/** The same as a table of Markdown. */
export function fleetMarkdown(name: string, standings: readonly Standing[]): string {
  const rows = sorted(standings).map(
    ({ cluster, verdict, why, commit }) =>
      `| ${cell(codeSpan(cluster))} | ${verdict} | ${cell(prose(why))} | ${codeSpan(commit.slice(0, 10))} |`,
  );
  const head = ['| cluster | verdict | | compared with |', '| --- | --- | --- | --- |'];
  return `### Drift of ${prose(name)}: ${countsOf(standings)}\n\n${[...head, ...rows].join('\n')}\n`;
}

function cell(markdown: string): string {
  return markdown.replaceAll('|', String.raw`\|`);
}

function sorted(standings: readonly Standing[]): readonly Standing[] {
  return standings.toSorted(
    (left, right) => order.indexOf(left.verdict) - order.indexOf(right.verdict),
  );
}

function countsOf(standings: readonly Standing[]): string {
  const counts = order.flatMap((verdict) => {
    const { length } = standings.filter((each) => each.verdict === verdict);
    return length === 0 ? [] : [`${String(length)} ${verdict}`];
  });
  return counts.length === 0 ? 'no clusters' : counts.join(', ');
}
