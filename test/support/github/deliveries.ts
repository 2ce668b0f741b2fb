import type { Answer } from './call.ts';
import type { GitHubState } from './state.ts';

/** A page of attempts; GitHub's ids are larger than what a number holds exactly, so they are written as they are. */
export function listDeliveries({ deliveries }: GitHubState, url: URL): Answer {
  const start = Number(url.searchParams.get('cursor') ?? 0);
  const size = Number(url.searchParams.get('per_page') ?? 30);
  const next = new URL(url);
  next.searchParams.set('cursor', String(start + size));
  const shown = deliveries
    .slice(start, start + size)
    .map(
      ({ id, guid, at, status }) =>
        `{"id":${String(id)},"guid":"${guid}","delivered_at":"${new Date(at).toISOString()}","status_code":${String(status)}}`,
    );
  return {
    status: 200,
    json: `[${shown.join(',')}]`,
    headers: start + size < deliveries.length ? { link: `<${next.href}>; rel="next"` } : {},
  };
}
