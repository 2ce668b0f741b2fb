import type { Json } from '../../policies/core/json.ts';
import { describeReference, type ObjectReference } from '../../policies/core/resource.ts';
import { restorationOf } from '../drift/restore.ts';
import type { DriftReport, ObjectDrift } from '../drift/report.ts';
import { plainLine } from './escape.ts';

/** The field manager of what a person restores by hand. */
const manager = 'meshgate-revert';

/**
 * Commands that bring the cluster back to Git, for a person to read and run: each restores only what differs. What is
 * to be deleted is commented out, and what cannot be restored so is told in a comment.
 */
export function* revertScript({ drifts, cluster }: DriftReport): Generator<string> {
  yield `# Restores what differs in ${plainLine(cluster)}; nothing was run. Check the context first: kubectl config current-context\n`;
  if (drifts.length === 0) {
    yield '# Nothing differs.\n';
  }
  for (const drift of drifts) {
    yield `\n# ${plainLine(`${drift.verdict}: ${describeReference(drift.reference)}`)}\n`;
    yield `${commandFor(drift)}\n`;
  }
}

function commandFor(drift: ObjectDrift): string {
  const { reference } = drift;
  if (!isPlain(reference)) {
    return '# not restored: its name has characters that no name has';
  }
  const restoration = restorationOf(drift);
  if ('problem' in restoration) {
    return `# not restored: ${plainLine(restoration.problem)}`;
  }
  switch (restoration.kind) {
    case 'delete':
      return `# Git does not declare it. If nothing needs it:\n# kubectl delete ${target(reference)}`;
    case 'patch': {
      const patch = quoted(shownJson(restoration.operations as unknown as Json));
      return `kubectl patch ${target(reference)} --type=json --field-manager=${manager} -p ${patch}`;
    }
    case 'apply': {
      const force = drift.verdict === 'missing' ? '' : ' --force-conflicts';
      const text = shownJson(restoration.object, 2);
      return `kubectl apply --server-side${force} --field-manager=${manager} -f - <<'END'\n${text}\nEND`;
    }
  }
}

/** `destinationrule.v1.networking.istio.io ledger -n shop`. */
function target({ apiVersion, kind, namespace, name }: ObjectReference): string {
  const slash = apiVersion.indexOf('/');
  const type =
    slash < 0
      ? kind.toLowerCase()
      : `${kind.toLowerCase()}.${apiVersion.slice(slash + 1)}.${apiVersion.slice(0, slash)}`;
  return `${type} ${name}${namespace === '' ? '' : ` -n ${namespace}`}`;
}

/** What the API server takes as names cannot act in a shell. */
function isPlain({ apiVersion, kind, namespace, name }: ObjectReference): boolean {
  return (
    /^[\w.:-]+$/u.test(name) &&
    !name.startsWith('-') &&
    /^[\w.-]*$/u.test(namespace) &&
    !namespace.startsWith('-') &&
    /^\w+$/u.test(kind) &&
    /^[\w./-]+$/u.test(apiVersion)
  );
}

/** JSON without any character that a terminal would obey. */
function shownJson(value: Json, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll(
    /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
