/** A figure over time. */
export interface Point {
  readonly minutes: number;
  readonly value: number;
}

/** A straight line through points. */
export interface Trend {
  readonly perMinute: number;
  /** Standard error of it: a true slope lies within three of them. */
  readonly error: number;
  readonly mean: number;
}

/** Fits a line by least squares. */
export function trendOf(points: readonly Point[]): Trend {
  const count = points.length;
  const mean = sum(points, ({ value }) => value) / count;
  const middle = sum(points, ({ minutes }) => minutes) / count;
  const spread = sum(points, ({ minutes }) => (minutes - middle) ** 2);
  const perMinute =
    sum(points, ({ minutes, value }) => (minutes - middle) * (value - mean)) / spread;
  const residual = sum(
    points,
    ({ minutes, value }) => (value - mean - perMinute * (minutes - middle)) ** 2,
  );
  return { perMinute, error: Math.sqrt(residual / Math.max(1, count - 2) / spread), mean };
}

/** Whether a figure grows: by more than this share of it a minute, and beyond what chance makes of it. */
export function grows({ perMinute, error, mean }: Trend, sharePerMinute: number): boolean {
  return perMinute > mean * sharePerMinute && perMinute > 3 * error;
}

function sum(points: readonly Point[], of: (point: Point) => number): number {
  return points.reduce((total, point) => total + of(point), 0);
}
