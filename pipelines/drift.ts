import { parseDuration } from '../policies/core/duration.ts';
import { compareReferences, groupOf } from './compare/manifest.ts';
import { compareKind } from './drift/compare-live.ts';
import type { Comparison } from './drift/comparison.ts';
import type { DeclaredObjects } from './drift/declared.ts';
import { judgeUnseen } from './drift/unseen.ts';
import { notesOn } from './drift/notes.ts';
import type { LiveState, WantedKind } from './drift/live.ts';
import type { DriftReport } from './drift/report.ts';
import { compileRules } from './drift/rules.ts';
import { settleScaled } from './drift/scaled.ts';
import {
  coverageOf,
  createTally,
  failKind,
  inSyncNames,
  pruningPending,
  takeKind,
  type Tally,
} from './drift/tally.ts';
import { runVerdict } from './drift/verdict.ts';
import { kindsToList, type KindToList } from './drift/wanted.ts';
import type { LocatedFinding } from './locate.ts';
import type { Rules } from './judge.ts';

/** What to compare. */
export interface DriftRequest {
  /** What Git declares, rendered; may be compared with several clusters. */
  readonly declared: DeclaredObjects;
  readonly live: LiveState;
  /** `settings.drift` decides what counts, `now` which rules have expired. */
  readonly rules: Rules;
  /** When what is declared was committed, in milliseconds since the epoch; unknown for a folder. */
  readonly committedAt?: number;
}

/**
 * Compares what Git declares with what lives: take the live objects kind by kind and one by one, so that only what drifts is kept; then what was not seen, what autoscalers did, and what the drift breaks. A
 * kind that cannot be read costs only that kind. Never throws because of what it reads.
 */
export async function findDrift(request: DriftRequest): Promise<DriftReport> {
  const { declared, live, rules } = request;
  const settings = rules.settings.drift;
  const compiled = compileRules(settings, rules.now);
  const comparison: Comparison = {
    declared,
    rules: compiled,
    extras: { namespaces: declared.namespaces, kinds: new Set(settings.extraKinds) },
    withinGrace: isWithinGrace(request),
    ...(live.reread === undefined ? {} : { reread: live.reread.bind(live) }),
    ...(live.predict === undefined ? {} : { predict: live.predict.bind(live) }),
  };
  const secrets = settings.secrets || live.hasSecrets === true;
  const tally = createTally();
  await listAll(live, kindsToList(declared, { ...settings, secrets }), comparison, tally);
  await judgeUnseen(comparison, tally);
  tally.drifts.push(...pruningPending(tally));
  settleScaled(declared, compiled, tally);
  const drifts = tally.drifts.toSorted((left, right) =>
    compareReferences(left.reference, right.reference),
  );
  const findings = await consequences(request, comparison, drifts);
  const report = {
    cluster: live.cluster,
    drifts: await placed(drifts),
    inSync: inSyncNames(tally),
    unknown: tally.unknown,
    findings: findings.findings,
    coverage: coverageOf(tally, declared),
    ignored: compiled.ignored(),
    unusedRules: compiled.ignores.unused(),
    notes: [...notesOn(declared, tally, { secrets }), ...findings.notes],
  };
  return { ...report, verdict: runVerdict(report) };
}

function isWithinGrace({ rules, committedAt }: DriftRequest): boolean {
  const grace = parseDuration(rules.settings.drift.grace) ?? 0;
  return committedAt !== undefined && rules.now - committedAt < grace;
}

async function listAll(
  live: LiveState,
  wanted: readonly KindToList[],
  comparison: Comparison,
  tally: Tally,
): Promise<void> {
  const pending = new Map(wanted.map((kind) => [keyOf(kind), kind]));
  for await (const kind of live.kinds(wanted)) {
    const asked = pending.get(keyOf(kind));
    if (asked === undefined) {
      continue;
    }
    pending.delete(keyOf(kind));
    if ('undetermined' in kind) {
      failKind(tally, asked, kind.undetermined, kind.served !== false);
      continue;
    }
    try {
      const { objects, unserved = new Map<string, string>() } = kind;
      takeKind(tally, asked, await compareKind(objects, comparison, unserved), unserved);
    } catch (error) {
      failKind(tally, asked, error instanceof Error ? error.message : String(error), true);
    }
  }
  for (const kind of pending.values()) {
    failKind(tally, kind, 'the source of live objects did not give it', true);
  }
}

function keyOf({ apiVersion, kind }: WantedKind): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/** What the drift breaks, by a module that takes long to load and is of use only where something drifts. */
async function consequences(
  { rules, live }: DriftRequest,
  { declared }: Comparison,
  drifts: DriftReport['drifts'],
): Promise<{ readonly findings: readonly LocatedFinding[]; readonly notes: readonly string[] }> {
  if (drifts.every(({ verdict }) => verdict === 'unknown')) {
    return { findings: [], notes: [] };
  }
  const { consequencesOf } = await import('./drift/consequences.ts');
  return consequencesOf(declared, drifts, rules, live.cluster);
}

/** Places are read from the sources only where something drifts, by a module that takes long to load. */
async function placed(drifts: DriftReport['drifts']): Promise<DriftReport['drifts']> {
  if (drifts.length === 0) {
    return drifts;
  }
  const { placeDrifts } = await import('./drift/place-drifts.ts');
  return placeDrifts(drifts);
}
