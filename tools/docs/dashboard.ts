import type { JsonObject } from '../../policies/core/json.ts';
import type { GeneratedFile } from './generated-file.ts';
import { dashboardRows, type Panel } from './dashboard-panels.ts';

const file = 'deploy/charts/meshgate/files/dashboard.json';
const columns = 24;
const height = 7;
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** The dashboard for Grafana. */
export function dashboardFile(): GeneratedFile {
  const dashboard = {
    uid: 'meshgate',
    title: 'meshgate',
    tags: ['meshgate'],
    schemaVersion: 39,
    editable: true,
    time: { from: 'now-6h', to: 'now' },
    refresh: '1m',
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels: panels(),
  };
  return { path: file, text: JSON.stringify(dashboard) };
}

function panels(): readonly JsonObject[] {
  const placed: JsonObject[] = [];
  let y = 0;
  for (const { title, panels: row } of dashboardRows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    const width = columns / row.length;
    for (const [index, panel] of row.entries()) {
      const gridPos = { x: index * width, y, w: width, h: height };
      placed.push({ id: placed.length + 1, gridPos, ...drawn(panel) });
    }
    y += height;
  }
  return placed;
}

function drawn({ title, description, unit, type = 'timeseries', queries }: Panel): JsonObject {
  return {
    type,
    title,
    description,
    datasource,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: `Q${String(index)}`,
      datasource,
      expr,
      legendFormat: legend,
    })),
  };
}
