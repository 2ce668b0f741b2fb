import { describeReference } from '../../policies/core/resource.ts';
import { pathOf } from '../drift/readable-path.ts';
import type { DriftDelta } from '../drift/record.ts';
import type { DriftReport } from '../drift/report.ts';
import { driftHeadline } from './drift-markdown.ts';
import { plainLine } from './escape.ts';
import { shorten } from './markdown-text.ts';

/** A change of a cluster's drift, as people are told of it where they are. */
export interface DriftMessage {
  readonly cluster: string;
  readonly verdict: DriftReport['verdict'];
  /** One line. */
  readonly headline: string;
  /** What is new or gone, a line each; never a value. */
  readonly lines: readonly string[];
  /** Where all of it is. */
  readonly link?: string;
}

const mostLines = 10;
const longestLine = 300;

/** What changed since people were last told. Holds names and paths, and no value of any object. */
export function driftMessage(report: DriftReport, delta: DriftDelta, link?: string): DriftMessage {
  const news = [...delta.added, ...delta.altered].map(({ drift, field }) => {
    const object = describeReference(drift.reference);
    return field === undefined
      ? `${drift.verdict}: ${object}`
      : `${drift.verdict}: ${object} ${pathOf(drift, field)}`;
  });
  const mended = delta.mended.map((object) => `in order again: ${object}`);
  const all = [...news, ...mended];
  const rest = all.length - mostLines;
  const lines = rest > 0 ? [...all.slice(0, mostLines), `${String(rest)} more`] : all;
  return {
    cluster: report.cluster,
    verdict: report.verdict,
    headline: shorten(plainLine(driftHeadline(report)), longestLine),
    lines: lines.map((line) => shorten(plainLine(line), longestLine)),
    ...(link === undefined ? {} : { link }),
  };
}

/** A message as plain text. */
export function messageText({ headline, lines, link }: DriftMessage): string {
  return [
    headline,
    ...lines.map((line) => `- ${line}`),
    ...(link === undefined ? [] : [link]),
  ].join('\n');
}

/**
 * A message as Slack and what is compatible with it takes it: no link and no mention comes out of a name.
 * Source: docs.slack.dev, "Formatting message text".
 */
export function slackText(message: DriftMessage): string {
  const { headline, lines, link } = message;
  const safe = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    `meshgate: ${safe(headline)}`,
    ...lines.map((line) => `• ${safe(line)}`),
    ...(link === undefined ? [] : [`<${safe(link)}>`]),
  ].join('\n');
}
