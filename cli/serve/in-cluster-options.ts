import { hostname } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ReportGroup } from '../../pipelines/present/openreports.ts';
import type { TlsFiles } from '../../webhooks/admission/tls.ts';
import type { FailurePolicy } from '../../webhooks/upkeep/failure-policy.ts';
import type { TrustSource } from '../../webhooks/upkeep/options.ts';
import { readEnvironment } from '../environment.ts';
import { UsageError } from '../usage-error.ts';
import type { InClusterFlags } from './in-cluster.ts';

/** What is said of the certificate and of the place in a cluster, as the command line has it. */
export interface InClusterOptions {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly caFile?: string;
  readonly injectCaFrom?: string;
  readonly service?: ServiceOption;
  readonly tlsSecret: string;
  readonly lease: string;
  readonly ownerClusterRole?: string;
  readonly failurePolicy?: FailurePolicy;
  readonly selfProbe?: { readonly host: string; readonly port: number };
  readonly mesh?: readonly string[];
  readonly auditInterval: number;
  readonly auditReports?: ReportGroup;
}

interface ServiceOption {
  readonly namespace?: string;
  readonly name: string;
  readonly port: number;
}

const usualPort = 443;
const usualAuditMinutes = 10;
const mostAuditMinutes = 10_080;

/** Adds the options that tell where the certificate comes from and what is kept right in the cluster. */
export function addInClusterOptions(command: Command): Command {
  return command
    .option('--tls-cert <file>', 'serving certificate in PEM; followed when it changes')
    .option('--tls-key <file>', 'key of the certificate in PEM')
    .addOption(
      new Option(
        '--service <[namespace/]name[:port]>',
        'the Service in front of this: keep certificates and webhook configurations right in the cluster',
      ).argParser(readService),
    )
    .option('--tls-secret <name>', 'Secret of our own authority and certificate', 'meshgate-tls')
    .option('--lease <name>', 'Lease of the one replica that writes', 'meshgate')
    .option('--owner-cluster-role <name>', 'ClusterRole that owns what is made, and takes it along')
    .addOption(
      new Option(
        '--failure-policy <policy>',
        'of the validating webhooks; Fail only once it has been proven that we are reached (default: as the configuration says, else Ignore)',
      ).choices(['Ignore', 'Fail']),
    )
    .addOption(
      new Option(
        '--ca-file <file>',
        'authority of --tls-cert, for the webhook configurations',
      ).conflicts('injectCaFrom'),
    )
    .option(
      '--inject-ca-from <namespace/certificate>',
      'have cert-manager fill in the authority of --tls-cert',
    )
    .addOption(
      new Option(
        '--self-probe <host:port>',
        'where we are reached by way of the Service (default: its name)',
      ).argParser(readAddress),
    )
    .option(
      '--audit-interval <minutes>',
      'with --service: how often what is there already is judged; 0: never',
      readMinutes,
      usualAuditMinutes,
    )
    .addOption(
      new Option(
        '--audit-reports <group>',
        'write what the audit finds as reports of this group',
      ).choices(['openreports.io', 'wgpolicyk8s.io']),
    );
}

/** What the options say. Throws a UsageError where they say too little, or what does not go together. */
export function readInCluster(
  options: InClusterOptions,
  ownNamespace: string,
): { readonly tls: TlsFiles | undefined; readonly inCluster: InClusterFlags | undefined } {
  const { tlsCert, tlsKey, service } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new UsageError('--tls-cert and --tls-key go together: name both or neither');
  }
  const tls =
    tlsCert === undefined || tlsKey === undefined
      ? undefined
      : { certificate: tlsCert, key: tlsKey };
  if (service === undefined) {
    if (tls === undefined) {
      throw new UsageError(
        'admission reviews come over TLS: name --tls-cert and --tls-key, or --service in a cluster',
      );
    }
    return { tls, inCluster: undefined };
  }
  if (options.mesh !== undefined) {
    throw new UsageError('--service is for a cluster, --mesh for files: name one of them');
  }
  const { podName } = readEnvironment();
  const { name, port, namespace = ownNamespace } = service;
  const inCluster = {
    service: { namespace, name, port },
    lease: options.lease,
    identity: podName === '' ? hostname() : podName,
    trust: trustOf(options, tls),
    ownerClusterRole: options.ownerClusterRole,
    failurePolicy: options.failurePolicy,
    selfProbe: options.selfProbe,
    audit: { minutes: options.auditInterval, reports: options.auditReports },
  };
  return { tls, inCluster };
}

function trustOf(
  { caFile, injectCaFrom, tlsSecret }: InClusterOptions,
  tls: TlsFiles | undefined,
): TrustSource {
  if (tls === undefined) {
    return { kind: 'secret', secret: tlsSecret };
  }
  if (injectCaFrom !== undefined) {
    return { kind: 'injected', from: injectCaFrom };
  }
  if (caFile === undefined) {
    throw new UsageError(
      'the webhook configurations need the authority of --tls-cert: name --ca-file or --inject-ca-from',
    );
  }
  return { kind: 'file', file: caFile };
}

function readService(text: string): ServiceOption {
  const [, namespace, name, port] =
    /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)(?::(\d{1,5}))?$/u.exec(text) ?? [];
  if (name === undefined) {
    throw new InvalidArgumentError(
      'It must be <name>, <namespace>/<name>, each with :<port> or not.',
    );
  }
  const place = { name, port: port === undefined ? usualPort : Number(port) };
  return namespace === undefined ? place : { ...place, namespace };
}

function readMinutes(text: string): number {
  const minutes = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (!(minutes <= mostAuditMinutes)) {
    throw new InvalidArgumentError(
      `It must be a number of minutes from 0 to ${String(mostAuditMinutes)}.`,
    );
  }
  return minutes;
}

function readAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/u.exec(text) ?? [];
  if (host === undefined) {
    throw new InvalidArgumentError('It must be <host>:<port>.');
  }
  return { host, port: Number(port) };
}
