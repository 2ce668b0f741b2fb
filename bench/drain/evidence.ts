/** What a run measured, as it is stored beside the page. */
export interface Evidence {
  readonly envoyVersion: string;
  readonly nodeVersion: string;
  readonly clients: number;
  readonly ttlSeconds: number;
  readonly cells: readonly MeasuredCell[];
}

/** Connections that were cut in one cell, one number for each round. */
export interface MeasuredCell {
  readonly caseId: string;
  readonly servedRatio: number;
  readonly cut: readonly number[];
}

/** What was cut in a cell; throws where it was not measured. */
export function cutIn({ cells }: Evidence, caseId: string, servedRatio: number): readonly number[] {
  const cell = cells.find(
    (candidate) => candidate.caseId === caseId && candidate.servedRatio === servedRatio,
  );
  if (cell === undefined) throw new Error(`${caseId} at ${String(servedRatio)} was not measured`);
  return cell.cut;
}

/** The least and the most of some rounds, as `16-21` or as one number where they agree. */
export function formatRange(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${String(least)}-${String(most)}`;
}
