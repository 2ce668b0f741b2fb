import * as z from 'zod';
import { isObject, listIn, numberIn, objectIn, stringIn, type Json } from '../../core/json.ts';
import { workloadKinds } from '../../core/kinds.ts';
import type { Pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { readYaml } from '../../core/yaml.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { hasSidecar, proxyModeOf } from '../../mesh/proxy-mode.ts';
import { sidecarFor } from '../../mesh/sidecar-scope.ts';
import {
  mountHolding,
  mountsOf,
  mountsOfAnnotation,
  socketsOfSidecar,
  type Mount,
  type SidecarSocket,
} from '../../mesh/unix-sockets.ts';
import {
  annotationPointer,
  appContainersOf,
  podSpecPointer,
  proxyContainerOf,
  workloadOf,
  type Workload,
} from '../../mesh/workload.ts';
import { sharedVolumeExamples } from './shared-volume.examples.ts';

const params = z.object({
  recommendSockets: z
    .boolean()
    .default(true)
    .describe(
      'Whether to recommend a socket where a Sidecar reaches the application over loopback and a volume is shared already.',
    ),
});
type MessageId =
  | 'proxy-lacks-volume'
  | 'app-lacks-volume'
  | 'other-volume'
  | 'annotation-unreadable'
  | 'permissions'
  | 'loopback-could-be-socket';

const volumeAnnotation = 'sidecar.istio.io/userVolume';
const mountAnnotation = 'sidecar.istio.io/userVolumeMount';
const proxyUser = 1337;

/** A socket is a file: both containers must see the same one. */
export const sharedVolume = definePolicy<typeof params, MessageId>({
  id: 'socket/shared-volume',
  title: 'The proxy and the application share the folder of their socket',
  why: 'The proxy opens or makes a UNIX domain socket in its own file system. Where the folder is not one volume, mounted at the same place in both containers, each side looks at another file and every connection fails, although Istio accepts the configuration.',
  sources: [
    'https://github.com/istio/istio/issues/13204',
    'https://github.com/istio/istio/issues/38428',
    'Istio manifests/charts/istio-control/istio-discovery/files/injection-template.yaml',
  ],
  severity: 'error',
  subjects: [...workloadKinds],
  consults: ['Sidecar', 'Namespace', 'ConfigMap'],
  cost: 'O(Sidecars of the namespace and of the root namespace).',
  params,
  messages: {
    'proxy-lacks-volume': {
      text: 'The proxy connects to {path} ({sidecar}), but istio-proxy mounts no volume there: it never sees the socket of the application.',
      remedy:
        'Mount the folder into the proxy, by the annotations sidecar.istio.io/userVolume and sidecar.istio.io/userVolumeMount or a declared istio-proxy container.',
    },
    'app-lacks-volume': {
      text: 'The socket {path} ({sidecar}) lies in a folder that no container of the application mounts.',
      remedy:
        'Mount the volume that istio-proxy mounts there into the container of the application, at the same path.',
    },
    'other-volume': {
      text: 'The application and istio-proxy mount different volumes or folders at {path} ({sidecar}): each sees another file.',
      remedy: 'Mount the same volume at the same path in both.',
    },
    'annotation-unreadable': {
      text: '{annotation} {reason}: the proxy gets no such volume.',
      remedy: 'Write a JSON object by volume name, such as {example}.',
    },
    permissions: {
      text: 'The application runs as user {user} and makes the socket {path}: the proxy (user 1337) is refused unless its group may write.',
      remedy:
        'Set securityContext.fsGroup: 1337 on the Pod, or make the socket writable for its group.',
    },
    'loopback-could-be-socket': {
      text: 'The proxy reaches the application over loopback ({target}, {sidecar}), and both mount a common volume: a socket there would keep others in the Pod out.',
      remedy:
        'Let the application listen on a socket in the volume, and name it in defaultEndpoint.',
    },
  },
  equivalents: [],
  check({ resource }, mesh, settings) {
    const workload = workloadOf(resource);
    if (workload === undefined || !hasSidecar(proxyModeOf(workload, mesh))) {
      return [];
    }
    const annotations = [volumeAnnotation, mountAnnotation].flatMap((name) =>
      annotationProblem(workload, name),
    );
    const sidecar = sidecarFor(workload, mesh);
    if (sidecar === undefined) {
      return annotations;
    }
    const sockets = socketsOfSidecar(sidecar).filter(({ path }) => !path.startsWith('@'));
    const shared = sockets.flatMap((socket) => socketReport(socket, workload, sidecar) ?? []);
    return [
      ...annotations,
      ...shared,
      ...(settings.recommendSockets ? loopbackReport(workload, sidecar) : []),
    ];
  },
  examples: sharedVolumeExamples,
});

function annotationProblem(workload: Workload, annotation: string): readonly Report<MessageId>[] {
  const text = workload.annotations[annotation];
  if (text === undefined) {
    return [];
  }
  const value = readAnnotation(text);
  const reason = isObject(value) ? undefined : formProblem(value);
  const example =
    annotation === volumeAnnotation
      ? '{"sockets":{"emptyDir":{}}}'
      : '{"sockets":{"mountPath":"/run/app"}}';
  return reason === undefined
    ? []
    : [
        {
          message: 'annotation-unreadable',
          at: annotationPointer(workload, annotation),
          data: { annotation, reason, example },
        },
      ];
}

function formProblem(value: Json | undefined): string {
  return Array.isArray(value)
    ? 'is a list, of which Istio takes the numbers for names'
    : 'is no JSON object';
}

function readAnnotation(text: string): Json | undefined {
  const reading = readYaml(text);
  return 'value' in reading && typeof reading.value === 'object' ? reading.value : undefined;
}

function socketReport(
  socket: SidecarSocket,
  workload: Workload,
  sidecar: Resource,
): Report<MessageId> | undefined {
  const app = appContainersOf(workload).map(({ container }) =>
    mountHolding(socket.path, mountsOf(container)),
  );
  const [mounted] = app.filter((place) => place !== undefined);
  const proxy = mountHolding(socket.path, proxyMounts(workload));
  const data = { path: socket.path, sidecar: describeReference(sidecar) };
  const at = placeOf(workload);
  if (proxy === undefined) {
    return mounted === undefined && socket.role === 'egress'
      ? { message: 'app-lacks-volume', at, data }
      : { message: 'proxy-lacks-volume', at, data };
  }
  if (mounted === undefined) {
    return mountsElsewhere(proxy.volume, workload)
      ? undefined
      : { message: 'app-lacks-volume', at, data };
  }
  const same = app.some((place) => place?.volume === proxy.volume && place.within === proxy.within);
  return same ? permissionReport(socket, workload) : { message: 'other-volume', at, data };
}

/** The application may reach the same file by a path of its own. */
function mountsElsewhere(volume: string, workload: Workload): boolean {
  return appContainersOf(workload).some(({ container }) =>
    mountsOf(container).some((mount) => mount.volume === volume),
  );
}

function permissionReport(
  socket: SidecarSocket,
  workload: Workload,
): Report<MessageId> | undefined {
  const pod = objectIn(workload.spec, 'securityContext');
  const [first] = appContainersOf(workload);
  const user =
    numberIn(first?.container, 'securityContext', 'runAsUser') ?? numberIn(pod, 'runAsUser');
  const careful =
    user === undefined || user === proxyUser || numberIn(pod, 'fsGroup') !== undefined;
  return careful || socket.role === 'egress'
    ? undefined
    : {
        message: 'permissions',
        severity: 'info',
        at: podSpecPointer(workload, 'securityContext'),
        data: { user, path: socket.path },
      };
}

function loopbackReport(workload: Workload, sidecar: Resource): readonly Report<MessageId>[] {
  const target = listIn(sidecar.object, 'spec', 'ingress')
    .map((listener) => stringIn(listener, 'defaultEndpoint') ?? '')
    .find((endpoint) => /^(?:127\.0\.0\.1|\[::1\]):/u.test(endpoint));
  const inProxy = new Set(proxyMounts(workload).map(({ volume }) => volume));
  const shared = appContainersOf(workload).some(({ container }) =>
    mountsOf(container).some(({ volume }) => inProxy.has(volume)),
  );
  const data = { target: target ?? '', sidecar: describeReference(sidecar) };
  return target !== undefined && shared
    ? [{ message: 'loopback-could-be-socket', severity: 'info', at: placeOf(workload), data }]
    : [];
}

function proxyMounts(workload: Workload): readonly Mount[] {
  const annotated = readAnnotation(workload.annotations[mountAnnotation] ?? '');
  return [
    ...mountsOf(proxyContainerOf(workload)?.container),
    ...mountsOfAnnotation(isObject(annotated) ? annotated : {}),
  ];
}

function placeOf(workload: Workload): Pointer {
  return podSpecPointer(workload, 'volumes');
}
