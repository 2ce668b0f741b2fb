import { listIn, stringIn, stringMapIn, type Json } from '../core/json.ts';
import { pointer, type Pointer } from '../core/pointer.ts';
import type { Resource } from '../core/resource.ts';
import { listenerBind } from './sidecar-scope.ts';

/** How a proxy uses a UNIX domain socket: it connects to the application's, or makes one for it. */
export type SocketRole = 'ingress' | 'egress';

/** A socket that a Sidecar names. */
export interface SidecarSocket {
  readonly role: SocketRole;
  /** Without `unix://`: `/run/app/app.sock` or `@name`. */
  readonly path: string;
  readonly at: Pointer;
}

const scheme = 'unix://';

/** Whether an address is a UNIX domain socket, well formed or not. */
export function isSocket(address: string): boolean {
  return address.startsWith('unix:');
}

/** Why Istio refuses a socket address, as a clause; undefined where it takes it. */
export function socketProblem(address: string): string | undefined {
  if (!address.startsWith(scheme)) {
    return 'it must begin with unix://';
  }
  const path = address.slice(scheme.length);
  if (path.startsWith('@')) {
    return path.length > 1 ? undefined : 'the abstract name is empty';
  }
  if (!path.startsWith('/')) {
    return 'the path must be absolute: three slashes, unix:///path';
  }
  return path.endsWith('/') ? 'the path must not end with a slash' : undefined;
}

/** The well-formed sockets of a Sidecar. */
export function socketsOfSidecar(sidecar: Resource): readonly SidecarSocket[] {
  const ingress = listIn(sidecar.object, 'spec', 'ingress').flatMap((listener, index) =>
    socket(
      'ingress',
      stringIn(listener, 'defaultEndpoint'),
      pointer('spec', 'ingress', index, 'defaultEndpoint'),
    ),
  );
  const egress = listIn(sidecar.object, 'spec', 'egress').flatMap((listener, index) =>
    socket('egress', listenerBind(listener), pointer('spec', 'egress', index, 'bind')),
  );
  return [...ingress, ...egress];
}

/** Where a container mounts volumes: the volume's name by mount path. */
export function mountsOf(container: Json | undefined): readonly Mount[] {
  return listIn(container, 'volumeMounts').flatMap((mount) => {
    const path = stringIn(mount, 'mountPath');
    const volume = stringIn(mount, 'name');
    return path === undefined || volume === undefined
      ? []
      : [{ volume, path, subPath: stringIn(mount, 'subPath') ?? '' }];
  });
}

/** The mounts that annotation `sidecar.istio.io/userVolumeMount` gives the injected proxy: an object by volume name. */
export function mountsOfAnnotation(value: Json): readonly Mount[] {
  return Object.entries(value ?? {}).flatMap(([volume, mount]) => {
    const path = stringMapIn(mount)['mountPath'];
    return path === undefined
      ? []
      : [{ volume, path, subPath: stringMapIn(mount)['subPath'] ?? '' }];
  });
}

/** A volume in a container's file system. */
export interface Mount {
  readonly volume: string;
  readonly path: string;
  readonly subPath: string;
}

/** The mount in which a socket lies, and where within the volume; the deepest of several. */
export function mountHolding(
  path: string,
  mounts: readonly Mount[],
): { readonly volume: string; readonly within: string } | undefined {
  const [mount] = mounts
    .filter((candidate) => path.startsWith(`${trimSlash(candidate.path)}/`))
    .sort((left, right) => right.path.length - left.path.length);
  if (mount === undefined) {
    return undefined;
  }
  return {
    volume: mount.volume,
    within: `${mount.subPath}${path.slice(trimSlash(mount.path).length)}`,
  };
}

function trimSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

function socket(
  role: SocketRole,
  address: string | undefined,
  at: Pointer,
): readonly SidecarSocket[] {
  return address !== undefined && isSocket(address) && socketProblem(address) === undefined
    ? [{ role, path: address.slice(scheme.length), at }]
    : [];
}
