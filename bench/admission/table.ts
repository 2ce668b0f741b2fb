/** One server in one round. */
export interface Sample {
  readonly name: string;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly cpuMilliseconds: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
}

const columns = [
  'server',
  'connections',
  'req/s',
  'CPU ms/req',
  'p50 ms',
  'p99 ms',
  'req/s of floor',
  'req/CPU of floor',
];

/** Prints the medians of the rounds, and how they compare with the floor in the same run. */
export function printTable(samples: readonly Sample[], floorName: string): void {
  const rows = [columns];
  for (const connections of new Set(samples.map((sample) => sample.connections))) {
    const here = samples.filter((sample) => sample.connections === connections);
    const floor = medians(here.filter(({ name }) => name === floorName));
    for (const name of new Set(here.map((sample) => sample.name))) {
      const row = medians(here.filter((sample) => sample.name === name));
      rows.push([
        name,
        String(connections),
        row.requestsPerSecond.toFixed(0),
        row.cpuMilliseconds.toFixed(3),
        row.p50Milliseconds.toFixed(2),
        row.p99Milliseconds.toFixed(2),
        (row.requestsPerSecond / floor.requestsPerSecond).toFixed(2),
        (floor.cpuMilliseconds / row.cpuMilliseconds).toFixed(2),
      ]);
    }
  }
  const widths = columns.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    process.stdout.write(`${cells.join('  ').trimEnd()}\n`);
  }
}

type Figures = Omit<Sample, 'name' | 'connections'>;

function medians(samples: readonly Sample[]): Figures {
  const of = (pick: (sample: Sample) => number): number => {
    const sorted = samples.map(pick).sort((left, right) => left - right);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return {
    requestsPerSecond: of((sample) => sample.requestsPerSecond),
    cpuMilliseconds: of((sample) => sample.cpuMilliseconds),
    p50Milliseconds: of((sample) => sample.p50Milliseconds),
    p99Milliseconds: of((sample) => sample.p99Milliseconds),
  };
}
