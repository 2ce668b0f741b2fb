import { listIn, objectIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import { equalJson } from '../../policies/core/patch.ts';
import {
  reportHash,
  reportKinds,
  reportLabel,
  type ReportDocument,
  type ReportGroup,
} from '../present/openreports.ts';
import { ApiStatusError } from './cluster-transport.ts';
import { apiPath, isConflict, type ClusterWriter } from './cluster-writer.ts';

/** Reports to be written to a cluster. */
export interface ReportWriting {
  readonly writer: ClusterWriter;
  readonly group: ReportGroup;
  /** Of the reports; others are left alone. */
  readonly name: string;
  readonly documents: readonly ReportDocument[];
  /** Whether everything was judged, so that namespaces without a report are known to be clean. */
  readonly complete: boolean;
}

/** What was done in the cluster. */
export interface ReportsWritten {
  readonly created: number;
  readonly replaced: number;
  readonly removed: number;
  readonly unchanged: number;
  /** What could not be written and why, for people. */
  readonly problems: readonly string[];
}

const mostAttempts = 3;
const pageSize = 100;

/**
 * Makes the reports of one name in a cluster be exactly these: what is equal is not written, what is clean is deleted.
 * A namespace that is gone is told of; rejects where the API server cannot be used, doing it again is safe.
 */
export async function writeReports(writing: ReportWriting): Promise<ReportsWritten> {
  const standing = await listReports(writing);
  if (standing === undefined) {
    const { apiVersion } = reportKinds[writing.group];
    return {
      ...none,
      problems: [`the cluster does not serve ${apiVersion}: install its definitions`],
    };
  }
  const counts = { created: 0, replaced: 0, removed: 0, unchanged: 0 };
  const problems: string[] = [];
  for (const document of writing.documents) {
    const outcome = await writeReport(writing, document, standing.get(document.namespace));
    if (outcome in counts) {
      counts[outcome as keyof typeof counts] += 1;
    } else {
      problems.push(outcome);
    }
    standing.delete(document.namespace);
  }
  for (const [namespace, report] of writing.complete ? standing : []) {
    await removeReport(writing, namespace, report);
    counts.removed += 1;
  }
  return { ...counts, problems };
}

const none = { created: 0, replaced: 0, removed: 0, unchanged: 0 };

/** Our reports by namespace; undefined where the cluster has no such kind. */
async function listReports({
  writer,
  group,
  name,
}: ReportWriting): Promise<Map<string, JsonObject> | undefined> {
  const { apiVersion, namespaced, cluster } = reportKinds[group];
  const reports = new Map<string, JsonObject>();
  for (const { resource } of [namespaced, cluster]) {
    let next = '';
    do {
      const query = `labelSelector=${encodeURIComponent(`${reportLabel}=${name}`)}&limit=${String(pageSize)}`;
      const path = `${apiPath({ apiVersion, resource })}?${query}${next}`;
      const list = await writer.read(path);
      if (list === undefined) {
        return undefined;
      }
      for (const report of listIn(list, 'items') as readonly JsonObject[]) {
        reports.set(stringIn(report, 'metadata', 'namespace') ?? '', report);
      }
      const token = stringIn(list, 'metadata', 'continue') ?? '';
      next = token === '' ? '' : `&continue=${encodeURIComponent(token)}`;
    } while (next !== '');
  }
  return reports;
}

async function writeReport(
  { writer, group }: ReportWriting,
  { namespace, name, object }: ReportDocument,
  known: JsonObject | undefined,
): Promise<string> {
  const collection = pathOf(group, namespace);
  const path = `${collection}/${encodeURIComponent(name)}`;
  let standing = known;
  for (let attempt = 1; ; attempt += 1) {
    if (standing !== undefined && saysTheSame(standing, object)) {
      return 'unchanged';
    }
    try {
      if (standing === undefined) {
        await writer.create(collection, object);
        return 'created';
      }
      await writer.replace(path, withVersionOf(standing, object));
      return 'replaced';
    } catch (error) {
      if (standing === undefined && isGone(error)) {
        return `no report in the namespace ${namespace}: it is not there`;
      }
      if ((!isConflict(error) && !isGone(error)) || attempt >= mostAttempts) {
        throw error;
      }
      standing = await writer.read(path);
    }
  }
}

async function removeReport(
  { writer, group, name }: ReportWriting,
  namespace: string,
  report: JsonObject,
): Promise<void> {
  const uid = stringIn(report, 'metadata', 'uid');
  const path = `${pathOf(group, namespace)}/${encodeURIComponent(name)}`;
  try {
    await writer.remove(path, uid === undefined ? {} : { uid });
  } catch (error) {
    // Somebody made another one meanwhile, which the next round looks at.
    if (!isConflict(error)) {
      throw error;
    }
  }
}

function pathOf(group: ReportGroup, namespace: string): string {
  const { apiVersion, namespaced, cluster } = reportKinds[group];
  return namespace === ''
    ? apiPath({ apiVersion, resource: cluster.resource })
    : apiPath({ apiVersion, resource: namespaced.resource, namespace });
}

/** By its hash, since the API server may drop fields that its definition lacks; and by what people look at first. */
function saysTheSame(standing: JsonObject, wanted: JsonObject): boolean {
  return (
    stringIn(standing, 'metadata', 'annotations', reportHash) ===
      stringIn(wanted, 'metadata', 'annotations', reportHash) &&
    equalJson(objectIn(standing, 'summary'), objectIn(wanted, 'summary')) &&
    listIn(standing, 'results').length === listIn(wanted, 'results').length
  );
}

function withVersionOf(standing: JsonObject, wanted: JsonObject): JsonObject {
  const resourceVersion = stringIn(standing, 'metadata', 'resourceVersion') ?? '';
  return { ...wanted, metadata: { ...objectIn(wanted, 'metadata'), resourceVersion } };
}

/** The namespace is not there, or is being deleted. */
function isGone(error: unknown): boolean {
  return (
    error instanceof ApiStatusError &&
    (error.status === 404 || (error.status === 403 && /being terminated/u.test(error.detail)))
  );
}
