import type { Command } from './processes.ts';

/** Ports of one cluster on 127.0.0.1. */
export interface ClusterPorts {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  readonly controllerManager: number;
}

/** Paths of one cluster's files. */
export interface ClusterFiles {
  readonly etcdData: string;
  readonly authority: string;
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly signingKey: string;
  readonly verifyingKey: string;
  readonly kubeconfig: string;
}

/** The controllers without which Deployments make no Pods, namespaces have no ServiceAccount, or owned objects stay. */
const controllers = [
  'cronjob-controller',
  'deployment-controller',
  'garbage-collector-controller',
  'job-controller',
  'namespace-controller',
  'replicaset-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'statefulset-controller',
];

const stopDeadlineMilliseconds = 3_000;

/** etcd that does not wait for the disk: what it holds is thrown away. */
export function etcdCommand(path: string, files: ClusterFiles, ports: ClusterPorts): Command {
  const client = `http://127.0.0.1:${ports.etcdClient}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return {
    name: 'etcd',
    path,
    stopDeadlineMilliseconds,
    args: [
      `--data-dir=${files.etcdData}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--log-level=warn',
    ],
  };
}

/** An API server with the admission plugins of a real cluster, RBAC, and certificates for clients. */
export function apiServerCommand(
  path: string,
  files: ClusterFiles,
  ports: ClusterPorts,
  more: readonly string[],
): Command {
  return {
    name: 'kube-apiserver',
    path,
    stopDeadlineMilliseconds,
    args: [
      `--etcd-servers=http://127.0.0.1:${ports.etcdClient}`,
      `--secure-port=${ports.apiServer}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      '--endpoint-reconciler-type=none',
      '--service-cluster-ip-range=10.96.0.0/24',
      `--client-ca-file=${files.authority}`,
      `--tls-cert-file=${files.servingCertificate}`,
      `--tls-private-key-file=${files.servingKey}`,
      '--authorization-mode=RBAC',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${files.verifyingKey}`,
      `--service-account-signing-key-file=${files.signingKey}`,
      '--allow-privileged=true',
      '--profiling=false',
      ...more,
    ],
  };
}

/** The controllers, as administrator: there are no nodes, so none that need one. */
export function controllerManagerCommand(
  path: string,
  files: ClusterFiles,
  ports: ClusterPorts,
): Command {
  return {
    name: 'kube-controller-manager',
    path,
    stopDeadlineMilliseconds,
    args: [
      `--kubeconfig=${files.kubeconfig}`,
      `--controllers=${controllers.join(',')}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.controllerManager}`,
      `--tls-cert-file=${files.servingCertificate}`,
      `--tls-private-key-file=${files.servingKey}`,
      `--root-ca-file=${files.authority}`,
      `--service-account-private-key-file=${files.signingKey}`,
      '--leader-elect=false',
      '--kube-api-qps=200',
      '--kube-api-burst=400',
      '--profiling=false',
    ],
  };
}
