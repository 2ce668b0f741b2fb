import { createHash } from 'node:crypto';
import { findingKey, type Severity } from '../../policies/core/finding.ts';
import type { Json, JsonObject } from '../../policies/core/json.ts';
import { describeReference } from '../../policies/core/resource.ts';
import type { CheckReport } from '../check.ts';
import type { LocatedFinding } from '../locate.ts';
import type { InputError } from '../render/manifests.ts';

/** What a SARIF log says of a policy. */
export interface SarifRule {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly severity: Severity;
}

const levels: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

/** A report as SARIF 2.1.0, for code scanning. */
export function sarifReport(
  report: Pick<CheckReport, 'findings' | 'errors'>,
  tool: { readonly version: string; readonly rules: readonly SarifRule[] },
): JsonObject {
  const used = new Set(report.findings.map(({ finding }) => finding.policy));
  const rules = tool.rules.filter(({ id }) => used.has(id));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'meshgate', version: tool.version, rules: rules.map(ruleObject) },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.errors.length === 0,
            toolExecutionNotifications: report.errors.map(notification),
          },
        ],
        results: report.findings.map((located) =>
          result(
            located,
            rules.findIndex(({ id }) => id === located.finding.policy),
          ),
        ),
      },
    ],
  };
}

function ruleObject({ id, title, why, severity }: SarifRule): JsonObject {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: `${why}\n\nRun \`meshgate explain ${id}\` for its parameters and examples.` },
    defaultConfiguration: { level: levels[severity] },
  };
}

function result(located: LocatedFinding, ruleIndex: number): JsonObject {
  const { finding, file, line, column, endLine } = located;
  const fingerprint = createHash('sha256')
    .update(`${file}\n${findingKey(finding)}`)
    .digest('hex');
  return {
    ruleId: finding.policy,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: levels[finding.severity],
    message: { text: `${finding.text} ${finding.remedy}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: fileUri(file) },
          region: {
            startLine: line,
            startColumn: column,
            ...(endLine > line ? { endLine } : {}),
          },
        },
        logicalLocations: [
          { fullyQualifiedName: describeReference(finding.object), kind: 'object' },
        ],
      },
    ],
    partialFingerprints: { 'meshgate/v1': fingerprint.slice(0, 32) },
    properties: { message: finding.message, at: finding.at, data: finding.data as Json },
  };
}

function notification({ file, line, text }: InputError): JsonObject {
  return {
    level: 'error',
    message: { text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: fileUri(file) },
          region: { startLine: line },
        },
      },
    ],
  };
}

/** A path as a URI reference: every segment percent-encoded; an absolute path as a file URI. */
function fileUri(file: string): string {
  const path = file.toWellFormed().split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${path}` : path;
}
