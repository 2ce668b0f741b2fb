import { describe, expect, test } from '@jest/globals';
import { pictureOf, type MeshPicture } from '../../../pipelines/compare/meaning-picture.ts';
import { pictureItems } from '../../../pipelines/present/mermaid-section.ts';
import { toMermaid } from '../../../pipelines/present/mermaid.ts';
import { readFlowchart } from '../../support/mermaid.ts';
import { app, changeBetween, istioObject, shop } from '../compare/mesh-change.ts';

const split = (v1: number): string =>
  istioObject(
    'VirtualService',
    'shop/ledger',
    `{hosts: [ledger], gateways: [public], http: [{route: [{destination: {host: ledger, subset: v1}, weight: ${String(v1)}}, {destination: {host: orders}, weight: ${String(100 - v1)}}]}]}`,
  );
const gateway = istioObject('Gateway', 'shop/public', '{selector: {app: edge}, servers: []}');
const rule = istioObject('DestinationRule', 'shop/ledger', '{host: ledger}');
const strict = istioObject(
  'PeerAuthentication',
  'shop/ledger',
  '{selector: {matchLabels: {app: ledger}}}',
);

function drawn(before: string, after: string): MeshPicture {
  const picture = pictureOf(changeBetween(before, after));
  if (picture === undefined) {
    throw new Error('nothing is drawn');
  }
  return picture;
}

describe('the picture of a change', () => {
  const services = shop + app('ledger') + app('orders');
  const picture = drawn(services + split(90) + rule, services + split(50) + gateway + strict);

  test('holds what changed, what that leads to, and how it leads there', () => {
    expect(picture.nodes.map(({ name, state }) => `${name}: ${state}`)).toEqual([
      'DestinationRule shop/ledger: removed',
      'Gateway shop/public: added',
      'PeerAuthentication shop/ledger: added',
      'VirtualService shop/ledger: changed',
      'Deployment shop/ledger: same',
      'Service shop/ledger: same',
      'Service shop/orders: same',
    ]);
    const links = picture.links.map(
      ({ from, to, state, label }) =>
        `${String(picture.nodes[from]?.name)} > ${String(picture.nodes[to]?.name)}: ${state} ${label}`,
    );
    expect(links).toEqual([
      'DestinationRule shop/ledger > Service shop/ledger: removed ',
      'Gateway shop/public > VirtualService shop/ledger: added ',
      'PeerAuthentication shop/ledger > Deployment shop/ledger: added ',
      'VirtualService shop/ledger > Service shop/ledger: changed v1 90% before, now v1 50%',
      'VirtualService shop/ledger > Service shop/orders: changed 10% before, now 50%',
    ]);
  });

  test('is a flowchart to Mermaid', async () => {
    const read = await readFlowchart(toMermaid(picture));
    expect(read.nodes[1]).toEqual({
      id: 'n2',
      text: 'Gateway shop/public (added)',
      classes: ['added'],
      link: undefined,
    });
    expect(read.nodes.map(({ classes }) => classes)).toEqual(
      picture.nodes.map(({ state }) => [state]),
    );
    expect(read.links).toHaveLength(picture.links.length);
    expect(read.links[0]).toEqual({ from: 'n1', to: 'n6', text: 'removed', stroke: 'dotted' });
  });

  test('is the same in whatever order objects come', () => {
    const [before, after] = [services + split(90) + rule, services + split(50) + gateway + strict];
    expect(pictureOf(changeBetween(before, after, { reversed: true }))).toEqual(picture);
  });

  test('is left out where one object changed', () => {
    expect(pictureOf(changeBetween(services, services + rule))).toBeUndefined();
    expect(pictureItems(undefined)).toEqual([]);
  });
});

describe('size', () => {
  test('of a picture is bounded, and what is missing is counted', async () => {
    const many = Array.from({ length: 50 }, (_, index) => app(`app-${String(index)}`)).join('');
    const picture = drawn(shop, shop + many);
    expect(picture.nodes).toHaveLength(30);
    expect(picture.notDrawn).toBe(70);
    expect((await readFlowchart(toMermaid(picture))).nodes).toHaveLength(30);
    expect(pictureItems(picture)[0]?.full()).toContain('\n70 more not drawn.');
  });

  test('stays within what Mermaid reads (50,000 characters)', () => {
    const name = '*'.repeat(300);
    const nodes = Array.from({ length: 30 }, () => ({ name, state: 'added' as const }));
    const links = Array.from({ length: 90 }, (_, index) => ({
      from: index % 30,
      to: 0,
      state: 'added' as const,
      label: name,
    }));
    expect(toMermaid({ nodes, links, notDrawn: 0 }).length).toBeLessThan(50_000);
  });
});

describe('hostile names', () => {
  const names = [
    'a"] --> n1["b',
    'x"]; click n1 href "https://evil.example"',
    '</text><script>alert(1)</script><img src=x onerror=alert(1)>',
    '`markdown` **bold** _it_ [l](http://evil.example)',
    '%%{init: {"securityLevel": "loose"}}%%',
    '```\n</details> @team #12 &lt; #quot; #35;',
    'end subgraph style: a#b; classDef x:#f;',
    '1. one\n- two\u202E\u0000\u{1F600}\uD800',
    '---\ntitle: x\n---',
    '__proto__',
    '',
  ];
  const picture: MeshPicture = {
    nodes: names.map((name) => ({ name, state: 'changed' })),
    links: names.map((label, index) => ({ from: index, to: 0, state: 'added', label })),
    notDrawn: 0,
  };
  const text = toMermaid(picture);

  test('stay within their labels', async () => {
    const read = await readFlowchart(text);
    expect(read.nodes.map(({ id }) => id)).toEqual(
      names.map((_, index) => `n${String(index + 1)}`),
    );
    expect(read.links.map(({ from, to }) => `${from} ${to}`)).toEqual(
      names.map((_, index) => `n${String(index + 1)} n1`),
    );
    expect(read.nodes.every(({ link }) => link === undefined)).toBe(true);
    expect(read.nodes[0]?.text).toBe(`${names[0] ?? ''} (changed)`);
    expect(read.nodes[2]?.text).toBe(`${names[2] ?? ''} (changed)`);
    expect(read.nodes[5]?.text).toContain('#quot; #35;');
  });

  test('leave nothing but plain characters and codes', () => {
    const labels = [...text.matchAll(/"(.*)"/gu)].map(([, label = '']) => label);
    expect(labels).toHaveLength(2 * names.length);
    for (const label of labels) {
      expect(label).toMatch(/^(?:[A-Za-z0-9 ./,()-]|#\d+;)*$/u);
    }
    expect(text).not.toContain('`');
    expect(text).not.toContain('<');
  });
});
