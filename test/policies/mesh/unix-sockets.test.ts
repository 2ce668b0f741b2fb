import { describe, expect, test } from '@jest/globals';
import {
  isSocket,
  mountHolding,
  mountsOf,
  mountsOfAnnotation,
  socketProblem,
  socketsOfSidecar,
} from '../../../policies/mesh/unix-sockets.ts';
import { readMesh } from '../../support/examples.ts';
import { asYaml, istioObject } from '../../support/witness-mesh.ts';

describe('the form of a socket', () => {
  test.each(['unix:///run/app.sock', 'unix://@app'])('%j is one', (address) => {
    expect(isSocket(address)).toBe(true);
    expect(socketProblem(address)).toBeUndefined();
  });

  test.each(['unix:/run/app.sock', 'unix://run/app.sock', 'unix:///run/', 'unix://@', 'unix://'])(
    '%j is a malformed one',
    (address) => {
      expect(isSocket(address)).toBe(true);
      expect(socketProblem(address)).toBeDefined();
    },
  );

  test.each(['', '127.0.0.1:8080', '/run/app.sock'])('%j is none', (address) => {
    expect(isSocket(address)).toBe(false);
  });
});

test('a Sidecar names sockets to connect to and sockets to make', () => {
  const { find } = readMesh(
    asYaml([
      istioObject('Sidecar', 'shop', 'api', {
        ingress: [
          { defaultEndpoint: '127.0.0.1:80' },
          { defaultEndpoint: 'unix:///run/app.sock' },
          { defaultEndpoint: 'unix://relative' },
        ],
        egress: [{ bind: 'unix://@db' }, { bind: '127.0.0.1' }, { captureMode: 'NONE' }],
      }),
    ]),
  );
  expect(socketsOfSidecar(find('Sidecar shop/api'))).toEqual([
    { role: 'ingress', path: '/run/app.sock', at: '/spec/ingress/1/defaultEndpoint' },
    { role: 'egress', path: '@db', at: '/spec/egress/0/bind' },
  ]);
});

describe('mounts', () => {
  test('are read from containers, and from the annotation as an object by volume', () => {
    const mounts = [{ volume: 'sockets', path: '/run/app', subPath: '' }];
    expect(
      mountsOf({ volumeMounts: [{ name: 'sockets', mountPath: '/run/app' }, { name: 'x' }] }),
    ).toEqual(mounts);
    expect(mountsOfAnnotation({ sockets: { mountPath: '/run/app' }, other: {} })).toEqual(mounts);
    expect(mountsOfAnnotation(null)).toEqual([]);
    expect(mountsOf(undefined)).toEqual([]);
  });

  test('hold what lies below them, the deepest first, never what only begins like them', () => {
    const mounts = [
      { volume: 'root', path: '/', subPath: '' },
      { volume: 'run', path: '/run', subPath: '' },
      { volume: 'app', path: '/run/app/', subPath: 'sub' },
    ];
    expect(mountHolding('/run/app/a.sock', mounts)).toEqual({
      volume: 'app',
      within: 'sub/a.sock',
    });
    expect(mountHolding('/run/apps/a.sock', mounts)).toEqual({
      volume: 'run',
      within: '/apps/a.sock',
    });
    expect(mountHolding('/a.sock', mounts)).toEqual({ volume: 'root', within: '/a.sock' });
    expect(mountHolding('/a.sock', mounts.slice(1))).toBeUndefined();
  });
});
