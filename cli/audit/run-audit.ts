import { auditText } from '../../pipelines/present/audit-text.ts';
import {
  toJsonAudit,
  type AuditFinding,
  type AuditReport,
} from '../../pipelines/present/audit-report.ts';
import { findingResult } from '../../pipelines/present/openreports-findings.ts';
import type { ReportGroup } from '../../pipelines/present/openreports.ts';
import { styleFor } from '../../pipelines/present/style.ts';
import { connectCluster, type ClusterClient } from '../../pipelines/source/cluster-client.ts';
import { readCluster } from '../../pipelines/source/cluster-read.ts';
import { connectWriter } from '../../pipelines/source/cluster-writer.ts';
import { severities, type Severity } from '../../policies/core/finding.ts';
import { catalogue } from '../../policies/index.ts';
import { createMesh } from '../../policies/mesh/index-objects.ts';

import { defaultRootNamespace } from '../../webhooks/admission/guards.ts';
import type { GateContext } from '../../webhooks/admission/gate.ts';
import { writeAuditReports } from '../../webhooks/audit/reports.ts';
import { scanMesh } from '../../webhooks/audit/scan.ts';
import { gateContexts } from '../../webhooks/gate-contexts.ts';
import { writeAll } from '../check/print-text.ts';
import { loadSettings } from '../load-settings.ts';
import { consultedKinds } from '../serve/mesh-source.ts';
import { findOwnNamespace } from '../serve/own-namespace.ts';
import type { Terminal } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

/** What `meshgate audit` was asked for. */
export interface AuditFlags {
  readonly kubeconfig?: string;
  readonly config?: string;
  readonly namespace?: readonly string[];
  readonly ownNamespace?: string;
  readonly output: 'text' | 'json';
  readonly minSeverity: Severity;
  readonly report?: ReportGroup;
}

const exitCodes = { fine: 0, denied: 1, unread: 2 } as const;
const longestMilliseconds = 10 * 60_000;
const sliceMilliseconds = 50;

/** Reads the cluster, judges all of it and prints what was found. Throws a UsageError where the cluster cannot be read. */
export async function runAudit(flags: AuditFlags, terminal: Terminal): Promise<number> {
  const { settings } = await loadSettings(flags.config);
  const client = connect(flags.kubeconfig);
  const mesh = createMesh(settings.mesh);
  const unread = await read(client, {
    mesh,
    types: consultedKinds(catalogue),
    rootNamespace: settings.mesh.rootNamespace ?? defaultRootNamespace,
  });
  const ownNamespace = flags.ownNamespace ?? findOwnNamespace();
  const clock = (): number => terminal.now();
  const context = gateContexts({ catalogue, settings, mesh, ownNamespace, clock })();
  const { all, judged } = await scan(context, flags.namespace);
  const least = severities.indexOf(flags.minSeverity);
  const findings = all.filter(({ finding }) => severities.indexOf(finding.severity) >= least);
  print(
    {
      cluster: client.server,
      findings,
      unread: unread.map(({ type, why }) => ({ kind: type, why })),
      judged,
      hidden: all.length - findings.length,
    },
    flags.output,
    terminal,
  );
  if (flags.report !== undefined) {
    await writeFound(flags.report, all, { ...flags, complete: unread.length === 0 }, terminal);
  }
  if (all.some(({ effect }) => effect === 'block')) {
    return exitCodes.denied;
  }
  return unread.length === 0 ? exitCodes.fine : exitCodes.unread;
}

function connect(kubeconfig: string | undefined): ClusterClient {
  try {
    return connectCluster(kubeconfig);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function read(
  client: ClusterClient,
  target: Pick<Parameters<typeof readCluster>[0], 'mesh' | 'types' | 'rootNamespace'>,
): ReturnType<typeof readCluster> {
  try {
    const signal = AbortSignal.timeout(longestMilliseconds);
    return await readCluster({ client, ...target, signal });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read the cluster at ${client.server}: ${why}`);
  }
}

async function scan(
  context: GateContext,
  namespaces: readonly string[] | undefined,
): Promise<{ readonly all: readonly AuditFinding[]; readonly judged: number }> {
  const wanted = namespaces === undefined ? undefined : new Set(namespaces);
  const all: AuditFinding[] = [];
  let judged = 0;
  for await (const audit of scanMesh(context, { sliceMilliseconds })) {
    if (wanted === undefined || wanted.has(audit.namespace)) {
      all.push(...audit.findings);
      judged += audit.judged;
    }
  }
  return { all, judged };
}

/** With namespaces left out, or kinds not read, nobody knows that what has a report is clean. */
async function writeFound(
  group: ReportGroup,
  all: readonly AuditFinding[],
  {
    kubeconfig,
    namespace,
    complete,
  }: Pick<AuditFlags, 'kubeconfig' | 'namespace'> & { complete: boolean },
  terminal: Terminal,
): Promise<void> {
  const results = all
    .filter(({ effect }) => effect !== 'list')
    .map(({ finding }) => findingResult(finding));
  try {
    const { problems, created, replaced, removed, unchanged } = await writeAuditReports(
      connectWriter(kubeconfig),
      group,
      results,
      complete && namespace === undefined,
    );
    for (const problem of problems) {
      terminal.err(`meshgate: ${problem}\n`);
    }
    terminal.err(
      `meshgate: reports: ${String(created)} created, ${String(replaced)} replaced, ${String(removed)} removed, ${String(unchanged)} unchanged\n`,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot write reports: ${why}`);
  }
}

function print(report: AuditReport, output: AuditFlags['output'], terminal: Terminal): void {
  if (output === 'json') {
    terminal.out(`${JSON.stringify(toJsonAudit(report), undefined, 2)}\n`);
    return;
  }
  writeAll(auditText(report, styleFor(terminal.outIsTerminal && !terminal.noColour)), terminal);
}
