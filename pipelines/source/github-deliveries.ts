import type { GitHub } from './github.ts';

/** An attempt to deliver an event to the App's webhook. Attempts for the same event share their `guid`. */
export interface DeliveryAttempt {
  /** Larger than what a number holds exactly, now and then. */
  readonly id: number | bigint;
  readonly guid: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** HTTP status of the answer; 0 where there was none. */
  readonly status: number;
}

const pageSize = 100;
const mostPages = 100;

/** The attempts since a moment, the newest first. GitHub keeps them for a few days. */
export async function listDeliveries(
  github: GitHub,
  since: number,
): Promise<readonly DeliveryAttempt[]> {
  const attempts: DeliveryAttempt[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { data, headers } = await github.request('GET /app/hook/deliveries', {
      per_page: pageSize,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { id, guid, delivered_at: time, status_code: status } of data) {
      attempts.push({ id, guid, at: Date.parse(time), status });
    }
    const oldest = attempts.at(-1)?.at ?? 0;
    cursor = nextCursor(headers.link);
    if (cursor === undefined || oldest < since) {
      break;
    }
  }
  return attempts.filter(({ at }) => at >= since);
}

/** Has GitHub deliver an event again, under the same `guid`. */
export async function redeliver(github: GitHub, { id }: DeliveryAttempt): Promise<void> {
  await github.request(`POST /app/hook/deliveries/${String(id)}/attempts`);
}

function nextCursor(link: string | undefined): string | undefined {
  const next = /<(?<url>[^>]+)>;\s*rel="next"/u.exec(link ?? '')?.groups?.['url'];
  return next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined);
}
