import type { DriftDelta } from './drift/record.ts';
import type { DriftReport } from './drift/report.ts';
import { driftMessage, slackText } from './present/drift-message.ts';
import type { Clock } from './source/github-pacing.ts';
import { postWebhook } from './source/notify-webhook.ts';

/** Where a change of drift is told beside its issue; '' is nowhere. */
export interface NotifyTargets {
  /** ARN of a topic of SNS. */
  readonly topic: string;
  /** Address of a webhook that takes what Slack's take. A credential: never logged. */
  readonly webhook: string;
}

/** Tells a change, once to each target, and gives what could not be told. Never rejects. */
export async function tellChange(
  report: DriftReport,
  delta: DriftDelta,
  {
    targets,
    clock,
    link,
  }: { readonly targets: NotifyTargets; readonly clock: Clock; readonly link?: string },
): Promise<readonly string[]> {
  const message = driftMessage(report, delta, link);
  const problems: (string | undefined)[] = [];
  if (targets.webhook !== '') {
    problems.push(await postWebhook({ url: targets.webhook, clock }, slackText(message)));
  }
  if (targets.topic !== '') {
    // The client of AWS takes a while to load.
    const { publishToTopic } = await import('./source/notify-sns.ts');
    problems.push(await publishToTopic(targets.topic, message));
  }
  return problems.filter((problem) => problem !== undefined);
}
