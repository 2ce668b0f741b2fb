import type { Example } from '../../core/policy.ts';

const sidecar = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: api, namespace: shop }
spec:
  workloadSelector: { labels: { app: api } }
`;
const ingress = `${sidecar}  ingress: [{ port: { number: 8080, name: http, protocol: HTTP }, defaultEndpoint: "unix:///run/app/app.sock" }]
---
`;
const egress = `${sidecar}  egress: [{ port: { number: 0, name: tcp-db, protocol: TCP }, bind: "unix:///run/app/db.sock", hosts: ["data/*"] }]
---
`;
const inProxy = `        sidecar.istio.io/userVolume: '{"sockets":{"emptyDir":{}}}'
        sidecar.istio.io/userVolumeMount: '{"sockets":{"mountPath":"/run/app"}}'
`;
const inApp = ', volumeMounts: [{ name: sockets, mountPath: /run/app }]';

function deployment(annotations: string, appMounts: string, pod = ''): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: shop }
spec:
  selector: { matchLabels: { app: api } }
  template:
    metadata:
      labels: { app: api }
      annotations:
        sidecar.istio.io/nativeSidecar: "true"
${annotations}    spec:
${pod}      containers: [{ name: app, image: registry.example.com/api:1${appMounts} }]
      volumes: [{ name: sockets, emptyDir: {} }]
`;
}

/** Workloads whose containers share the folder of their socket, and workloads whose containers do not. */
export const sharedVolumeExamples: readonly Example[] = [
  {
    name: 'one volume at one path in both containers',
    yaml: ingress + deployment(inProxy, inApp),
    expect: [],
  },
  {
    name: 'an abstract socket needs no volume',
    yaml: ingress.replace('unix:///run/app/app.sock', 'unix://@api') + deployment('', ''),
    expect: [],
  },
  {
    name: 'one volume, which the application mounts at a path of its own',
    yaml: ingress + deployment(inProxy, inApp.replace('/run/app', '/sockets')),
    expect: [],
  },
  {
    name: 'a volume that the proxy does not mount',
    yaml: ingress + deployment('', inApp),
    observed:
      'Istio 1.31: cluster inbound|8080|| leads to the pipe /run/app/app.sock, in the file system of istio-proxy',
    expect: ['proxy-lacks-volume | Deployment shop/api'],
  },
  {
    name: 'an egress socket that the application does not see',
    yaml: egress + deployment(inProxy, ''),
    observed:
      'Istio 1.31: with a Service in namespace data the proxy listens on the pipe /run/app/db.sock, in its own file system',
    expect: ['app-lacks-volume | Deployment shop/api'],
  },
  {
    name: 'two volumes at one path',
    yaml: ingress + deployment(inProxy, inApp.replace('sockets', 'cache')),
    observed:
      'Istio 1.31: cluster inbound|8080|| leads to the pipe /run/app/app.sock, whatever is mounted there',
    expect: ['other-volume | Deployment shop/api'],
  },
  {
    name: 'mounts as a list, as the annotation reference has them',
    yaml:
      ingress +
      deployment(
        inProxy.replace(
          '{"sockets":{"mountPath":"/run/app"}}',
          '[{"name":"sockets","mountPath":"/run/app"}]',
        ),
        inApp,
      ),
    observed:
      'Nothing that istiod sends shows it; the template of the Istio 1.31 injector (files/injection-template.yaml) takes the names from the keys, which a list does not have',
    expect: [
      'annotation-unreadable | Deployment shop/api',
      'proxy-lacks-volume | Deployment shop/api',
    ],
  },
  {
    name: 'an application of another user without a common group',
    yaml: ingress + deployment(inProxy, inApp, '      securityContext: { runAsUser: 1000 }\n'),
    observed:
      'Istio 1.31: the proxy runs as user 1337; that the kernel then refuses the socket is not visible in what istiod sends',
    expect: ['permissions | Deployment shop/api'],
  },
  {
    name: 'loopback beside a shared volume',
    yaml:
      ingress.replace('unix:///run/app/app.sock', '127.0.0.1:8080') + deployment(inProxy, inApp),
    observed: 'Istio 1.31: cluster inbound|8080|| leads to 127.0.0.1:8080',
    expect: ['loopback-could-be-socket | Deployment shop/api'],
  },
  {
    name: 'loopback beside a shared volume, where nobody wants to hear of it',
    yaml:
      ingress.replace('unix:///run/app/app.sock', '127.0.0.1:8080') + deployment(inProxy, inApp),
    params: { recommendSockets: false },
    expect: [],
  },
];
