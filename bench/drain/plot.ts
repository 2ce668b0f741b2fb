import { drainCases, servedRatios, type DrainCase } from './cases.ts';
import { cutIn, type Evidence } from './evidence.ts';
import { longestLife } from './model.ts';

interface Style {
  readonly light: string;
  readonly dark: string;
  readonly dash: string;
  /** A mark of about nine units across, around 0,0. */
  readonly mark: string;
}

const area = { left: 66, top: 56, right: 546, bottom: 372 };
const size = { width: 850, height: 468 };
const needRow = area.bottom + 66;

// Told apart by colour, dash and mark, so that no reader depends on one of them.
const styles: readonly Style[] = [
  { light: '#0072b2', dark: '#56b4e9', dash: '', mark: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z' },
  { light: '#00785a', dark: '#3ccfa4', dash: '7 3', mark: 'M-4-4h8v8h-8z' },
  { light: '#9a6700', dark: '#e9b949', dash: '2 3', mark: 'M0-5.5L5.5 0L0 5.5L-5.5 0z' },
  { light: '#b5487f', dark: '#e58bb8', dash: '9 3 2 3', mark: 'M0-5L5 4H-5z' },
  { light: '#c1440e', dark: '#ff8a5b', dash: '12 4', mark: 'M0 5L5-4H-5z' },
  { light: '#57606a', dark: '#aab4bf', dash: '1 0', mark: 'M-4-4L4 4M-4 4L4-4' },
];

/** The share of connections cut by life after deletion, as an SVG that follows the reader's light or dark scheme. */
export function cutPlot(evidence: Evidence): string {
  const title = `Connections cut when a Pod ends, TTL ${String(evidence.ttlSeconds)} s, Envoy ${evidence.envoyVersion}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(size.width)} ${String(size.height)}" width="${String(size.width)}" height="${String(size.height)}" role="img" aria-labelledby="title description">
<title id="title">${title}</title>
<desc id="description">Lines of the share of connections cut against life after deletion in TTLs, one for each case; the figures are in the table of the page.</desc>
<style>
${styleSheet()}
</style>
<rect class="paper" width="${String(size.width)}" height="${String(size.height)}" rx="6"/>
<text class="title" x="${String(area.left)}" y="28">${title}</text>
${axes()}
${drainCases.map((drainCase, index) => series(evidence, drainCase, index)).join('\n')}
${legend()}
</svg>
`;
}

function styleSheet(): string {
  const colours = (scheme: 'light' | 'dark'): string =>
    styles
      .map((style, index) => `.c${String(index)}{stroke:${style[scheme]};fill:${style[scheme]}}`)
      .join('');
  return [
    'text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#24292f;stroke:none}',
    '.title{font-size:16px;font-weight:600}.small{font-size:12px}.middle{text-anchor:middle}.end{text-anchor:end}',
    '.paper{fill:#ffffff}.band{fill:#ddebf7}.grid{stroke:#d8dee4}.axis{stroke:#57606a}',
    '.line{fill:none;stroke-width:2}.mark{stroke-width:1.6}',
    colours('light'),
    '.line{fill:none}',
    '@media (prefers-color-scheme:dark){',
    'text{fill:#e6edf3}.paper{fill:#0d1117}.band{fill:#172a41}.grid{stroke:#30363d}.axis{stroke:#8b949e}',
    colours('dark'),
    '.line{fill:none}}',
  ].join('\n');
}

function axes(): string {
  const parts = [
    `<rect class="band" x="${at(xOf(1.5))}" y="${String(area.top)}" width="${at(xOf(2) - xOf(1.5))}" height="${String(area.bottom - area.top)}"/>`,
    `<text class="small middle" x="${at(xOf(1.75))}" y="${String(area.top + 16)}">1.5 to 2 TTLs</text>`,
  ];
  for (const percent of [0, 20, 40, 60, 80, 100]) {
    const y = at(yOf(percent / 100));
    parts.push(
      `<path class="${percent === 0 ? 'axis' : 'grid'}" d="M${String(area.left)} ${y}H${String(area.right)}"/>`,
      `<text class="end" x="${String(area.left - 8)}" y="${at(yOf(percent / 100) + 4)}">${String(percent)} %</text>`,
    );
  }
  for (const ratio of [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5]) {
    const x = at(xOf(ratio));
    parts.push(
      `<path class="axis" d="M${x} ${String(area.bottom)}v5"/>`,
      `<text class="middle" x="${x}" y="${String(area.bottom + 20)}">${String(ratio)}</text>`,
    );
  }
  const middle = at((area.left + area.right) / 2);
  parts.push(
    `<text class="middle" x="${middle}" y="${String(area.bottom + 42)}">life after deletion / TTL</text>`,
    `<text class="middle" transform="translate(18 ${at((area.top + area.bottom) / 2)}) rotate(-90)">connections cut</text>`,
  );
  return parts.join('\n');
}

function series(evidence: Evidence, drainCase: DrainCase, index: number): string {
  const points = servedRatios.map((ratio) => {
    const shares = cutIn(evidence, drainCase.id, ratio).map((count) => count / evidence.clients);
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return { x: at(xOf(ratio)), y: at(yOf(mean)), shares };
  });
  const spread = points.map(
    ({ x, shares }) => `M${x} ${at(yOf(Math.max(...shares)))}V${at(yOf(Math.min(...shares)))}`,
  );
  const need = longestLife(drainCase);
  const marks = points.map(({ x, y }) => mark(index, x, y));
  if (Number.isFinite(need)) marks.push(mark(index, at(xOf(need)), String(needRow - 4)));
  return [
    `<path class="c${String(index)} line" stroke-dasharray="${styles[index]?.dash ?? ''}" d="M${points.map(({ x, y }) => `${x} ${y}`).join('L')}"/>`,
    `<path class="c${String(index)} line" d="${spread.join('')}"/>`,
    ...marks,
  ].join('\n');
}

function legend(): string {
  const left = area.right + 24;
  const entries = drainCases.map(({ title }, index) => {
    const y = area.top + 22 + index * 26;
    return [
      `<path class="c${String(index)} line" stroke-dasharray="${styles[index]?.dash ?? ''}" d="M${String(left)} ${String(y)}h36"/>`,
      mark(index, String(left + 18), String(y)),
      `<text x="${String(left + 44)}" y="${String(y + 4)}">${title}</text>`,
    ].join('\n');
  });
  const note = area.top + 22 + drainCases.length * 26 + 12;
  return [
    ...entries,
    `<text class="small" x="${String(left)}" y="${String(note)}">Marks: mean of the rounds;</text>`,
    `<text class="small" x="${String(left)}" y="${String(note + 17)}">bars: least and most.</text>`,
    `<text class="small" x="${String(left)}" y="${String(needRow)}">L(1+j) + S: safe from here on</text>`,
  ].join('\n');
}

function mark(index: number, x: string, y: string): string {
  return `<path class="c${String(index)} mark" transform="translate(${x} ${y})" d="${styles[index]?.mark ?? ''}"/>`;
}

function xOf(ratio: number): number {
  return area.left + 14 + ((ratio - 0.5) / 2) * (area.right - area.left - 28);
}

function yOf(share: number): number {
  return area.bottom - share * (area.bottom - area.top - 24);
}

function at(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}
