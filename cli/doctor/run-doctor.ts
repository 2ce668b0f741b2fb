import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  openCluster,
  serviceAccountToken,
  type ClusterTransport,
} from '../../pipelines/source/cluster-transport.ts';
import { diagnose } from '../../webhooks/doctor/diagnose.ts';
import { readEnvironment } from '../environment.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';
import { createReader } from './reader.ts';
import { readSnapshot } from './read-snapshot.ts';
import { exitCodeOf, textReport, type DoctorReport } from './report.ts';

/** What `meshgate doctor` was asked for. */
export interface DoctorRequest {
  readonly namespace: string;
  readonly kubeconfig?: string;
  readonly output: 'text' | 'json';
}

/** Looks at the cluster, prints what it found, and gives the exit code. Throws a UsageError where there is no cluster. */
export async function runDoctor(request: DoctorRequest, terminal: Terminal): Promise<number> {
  const transport = open(request.kubeconfig);
  const reader = createReader(transport);
  const version = await reader.get('/version');
  if ('unread' in version) {
    throw new UsageError(`${transport.server} cannot be asked: ${version.unread}`);
  }
  const snapshot = await readSnapshot(reader, request.namespace, terminal.now());
  const report: DoctorReport = {
    server: transport.server,
    namespace: request.namespace,
    diagnoses: diagnose(snapshot),
  };
  terminal.out(
    request.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : textReport(report),
  );
  return exitCodeOf(report);
}

function open(kubeconfig: string | undefined): ClusterTransport {
  try {
    return openCluster(kubeconfig ?? usualKubeconfig());
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** What kubectl takes; undefined within a cluster, whose own credentials are taken there. */
function usualKubeconfig(): string | undefined {
  const { kubeconfig, home } = readEnvironment();
  const file = kubeconfig === '' ? join(home, '.kube', 'config') : kubeconfig;
  return kubeconfig === '' && existsSync(serviceAccountToken) ? undefined : file;
}
