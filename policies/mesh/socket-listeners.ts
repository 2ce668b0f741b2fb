import { listIn, numberIn, objectIn, stringIn, type Json } from '../core/json.ts';
import { pointer } from '../core/pointer.ts';
import type { Report } from '../core/policy.ts';
import type { Resource } from '../core/resource.ts';
import type { Mesh } from './mesh.ts';
import { isHttp } from './outbound-sockets.ts';
import { protocolOfName } from './protocol.ts';
import { listenerBind } from './sidecar-scope.ts';
import { socketTargets } from './socket-targets.ts';
import { isSocket, socketProblem } from './unix-sockets.ts';

/** What can be wrong with a socket. */
export type SocketMessage =
  | 'refused'
  | 'entry-without-endpoint'
  | 'port-without-service'
  | 'several-hosts'
  | 'several-ports'
  | 'bind-without-port'
  | 'bind-shared';

/** A socket that does not work. */
export type SocketReport = Report<SocketMessage>;

/** A field that Istio's validation refuses, with the reason and what to write. */
export function refused(
  path: readonly (string | number)[],
  value: Json,
  reason: string,
  advice: string,
): SocketReport {
  const field = path.filter((part) => typeof part === 'string').join('.');
  return {
    message: 'refused',
    at: pointer('spec', ...path),
    data: { field, value, reason, advice },
  };
}

/** What is wrong with the sockets that a Sidecar's egress listeners bind. */
export function egressSocketReports(sidecar: Resource, mesh: Mesh): readonly SocketReport[] {
  const seen = new Set<string>();
  return listIn(sidecar.object, 'spec', 'egress').flatMap(
    (listener, index): readonly SocketReport[] => {
      const bind = listenerBind(listener) ?? '';
      if (!isSocket(bind)) {
        return [];
      }
      const form = egressProblem(listener, bind, index);
      if (form !== undefined) {
        return [form];
      }
      if (seen.has(bind)) {
        return [
          {
            message: 'bind-shared',
            at: pointer('spec', 'egress', index, 'bind'),
            data: { value: bind, field: 'egress.bind' },
          },
        ];
      }
      seen.add(bind);
      const protocol = protocolOfName(stringIn(listener, 'port', 'protocol') ?? '') ?? 'TCP';
      return isHttp(protocol) ? [] : singleTarget(sidecar, listener, index, mesh);
    },
  );
}

function egressProblem(listener: Json, bind: string, index: number): SocketReport | undefined {
  const reason = socketProblem(bind);
  if (reason !== undefined) {
    return refused(['egress', index, 'bind'], bind, reason, 'Write unix:///path or unix://@name.');
  }
  const number = numberIn(listener, 'port', 'number');
  if (Object.keys(objectIn(listener, 'port')).length === 0) {
    return {
      message: 'bind-without-port',
      at: pointer('spec', 'egress', index),
      data: { field: 'egress.port' },
    };
  }
  if (number !== undefined && number !== 0) {
    return refused(
      ['egress', index, 'port', 'number'],
      number,
      'the port of a socket is 0',
      'Set port.number to 0.',
    );
  }
  if ((stringIn(listener, 'port', 'protocol') ?? '') === '') {
    return refused(
      ['egress', index, 'port', 'protocol'],
      '(none)',
      'a socket needs a protocol',
      'Set port.protocol, TCP or HTTP for instance.',
    );
  }
  const capture = stringIn(listener, 'captureMode') ?? 'DEFAULT';
  return capture === 'DEFAULT' || capture === 'NONE'
    ? undefined
    : refused(
        ['egress', index, 'captureMode'],
        capture,
        'nothing is captured on the way to a socket',
        'Use DEFAULT or NONE.',
      );
}

function singleTarget(
  sidecar: Resource,
  listener: Json,
  index: number,
  mesh: Mesh,
): readonly SocketReport[] {
  const targets = socketTargets(sidecar, listener, mesh);
  const [first] = targets;
  const at = pointer('spec', 'egress', index, 'hosts');
  if (first !== undefined && targets.length > 1) {
    const hosts = targets.slice(0, 10).map(({ host }) => host);
    return [
      { message: 'several-hosts', at, data: { hosts, first: first.host, field: 'egress.hosts' } },
    ];
  }
  return first !== undefined && first.ports > 1
    ? [{ message: 'several-ports', at, data: { host: first.host, field: 'egress.hosts' } }]
    : [];
}
