import { effectOf, type Finding } from '../policies/core/finding.ts';
import type { Mesh } from '../policies/mesh/mesh.ts';
import { changesOf, type ObjectChange } from './compare/changes.ts';
import { compareFindings, type FindingOn } from './compare/compare-findings.ts';
import type { FieldChange } from './compare/fields.ts';
import type { SourceCount } from './compare/source-counts.ts';
import { meshChangeOf } from './compare/meaning-change.ts';
import { pictureOf, type MeshPicture } from './compare/meaning-picture.ts';
import type { Meaning } from './compare/meaning-statement.ts';
import { explainChange } from './compare/meaning.ts';
import { pairManifests } from './compare/pair-manifests.ts';
import { withUnreadable, type StateManifest } from './compare/state.ts';
import { suggestedFields } from './compare/suggestion.ts';
import { judge, type Judged, type Rules } from './judge.ts';
import { locateFindings, type LocatedFinding } from './locate.ts';
import type { Unreadable } from './parse-states.ts';
import { readCommits } from './read-commits.ts';
import type { EditedFile } from './edit/rendered-state.ts';
import { sourceEdits } from './review-edits.ts';
import { startStopwatch, type ReviewStep } from './review-steps.ts';
import { clusterFacts, createRendering, type Rendering } from './render/rendering.ts';
import type { TouchedDrift } from './review-drift.ts';
import { localStore, type CommitStore } from './source/commit-store.ts';
import { resolveCommits, type GitProblem, type ReviewedCommits } from './source/git-revisions.ts';
import type { LeftOut } from './source/git-manifests.ts';
import type { GitRepository } from './source/git.ts';

/** What to review. */
export interface ReviewRequest {
  readonly repository: GitRepository;
  /** A revision of the base branch; the default branch where it is absent. */
  readonly base?: string;
  readonly head: string;
  readonly catalogue: Rules['catalogue'];
  /** Milliseconds since the epoch; decides which exemptions have expired. */
  readonly now: number;
  /** Where other processes may have left what they rendered; undefined: nowhere. */
  readonly cacheFolder?: string | undefined;
}

/** Two commits to review, wherever they are kept. */
export interface CommitsReview {
  readonly store: CommitStore;
  readonly commits: ReviewedCommits;
  readonly catalogue: Rules['catalogue'];
  /** Milliseconds since the epoch; decides which exemptions have expired. */
  readonly now: number;
  /** What renders, where several reviews share it; else one is made, and closed at the end. */
  readonly rendering?: Rendering;
  /** For the one that is made: where other processes may have left what they rendered. */
  readonly cacheFolder?: string | undefined;
  /** Milliseconds that go by, for what must end in time; `performance.now` where it is absent. */
  readonly elapsed?: () => number;
}

/** A finding with its place and what its fix would change. */
export interface ReviewedFinding extends LocatedFinding {
  readonly suggestion: readonly FieldChange[];
  /** The fix in the files that a renderer reads, where it was proven there. */
  readonly edits?: readonly EditedFile[];
}

/** What a change does to the mesh. Findings are sorted by file, line and policy. */
export interface Review {
  /** Incomplete: the change brings a file that cannot be read. Blocked: it introduces a finding that blocks. */
  readonly verdict: 'clear' | 'blocked' | 'incomplete';
  /** The merge base: the commit that head is compared with. */
  readonly base: string;
  readonly head: string;
  /** Commits that the base branch has since; absent where nobody counted. */
  readonly baseMoved?: number;
  readonly introduced: readonly ReviewedFinding[];
  /** At their places in the base. */
  readonly resolved: readonly ReviewedFinding[];
  readonly remaining: readonly ReviewedFinding[];
  readonly changes: readonly ObjectChange[];
  readonly counts: readonly SourceCount[];
  /** How many roots of head were rendered, and for which Kubernetes. */
  readonly rendered: { readonly roots: number; readonly kubeVersion: string };
  readonly steps: readonly ReviewStep[];
  /** What the changes do to the mesh, in sentences, what loosens a guard first. */
  readonly meaning: readonly Meaning[];
  /** The changed part of the mesh; absent where fewer than two objects changed. */
  readonly picture?: MeshPicture;
  /** Differences in labels and annotations that charts stamp with every release; not among the changes. */
  readonly chartStamps: number;
  /** What head leaves unreadable; its objects count as they are in the base. */
  readonly unreadable: readonly Unreadable[];
  /** Files that the change touches and that were left out on purpose. */
  readonly leftOut: readonly LeftOut[];
  /** Head has another configuration than the base, whose one was used. */
  readonly configurationChanges: boolean;
  /** Namespace of the mesh's own configuration. */
  readonly rootNamespace: string;
  /** What clusters already have otherwise than the base, of what the change touches; absent where nobody was asked. */
  readonly touched?: readonly TouchedDrift[];
}

/** Reviews what a branch of a local repository does, from its merge base on. */
export async function review(request: ReviewRequest): Promise<Review | GitProblem> {
  const { repository, catalogue, now, cacheFolder } = request;
  const commits = await resolveCommits(repository, request);
  return 'problem' in commits
    ? commits
    : await reviewCommits({ store: localStore(repository), commits, catalogue, now, cacheFolder });
}

/**
 * Reviews what happens from one commit to another: both states are read and rendered, each makes a mesh of its own in
 * which all objects are judged, with the configuration of the merge base, so that a change cannot excuse itself.
 */
export async function reviewCommits(request: CommitsReview): Promise<Review | GitProblem> {
  const rendering = request.rendering ?? createRendering(request.cacheFolder);
  try {
    return await reviewStates(request, rendering);
  } finally {
    if (request.rendering === undefined) {
      await rendering.renderer.close();
    }
  }
}

async function reviewStates(
  { store, commits, catalogue, now, elapsed = () => performance.now() }: CommitsReview,
  rendering: Rendering,
): Promise<Review | GitProblem> {
  const stopwatch = startStopwatch(elapsed);
  const states = await readCommits(store, commits, catalogue, { rendering, stopwatch });
  if ('problem' in states) {
    return states;
  }
  const rootNamespace = states.settings.mesh.rootNamespace ?? 'istio-system';
  const rules: Rules = { catalogue, settings: states.settings, now };
  const base = states.base.flatMap(({ manifests }) => manifests);
  const head = withUnreadable(states.base, states.head);
  const pairs = pairManifests(base, head);
  const found = judgeState(head, rules);
  const same = base.length === head.length && base.every((manifest, at) => manifest === head[at]);
  const old = same ? found : judgeState(base, rules);
  stopwatch.lap('judging');
  const findings = compareFindings(old.judged, found.judged, pairs);
  const change = meshChangeOf(pairs, old.mesh, found.mesh);
  const picture = pictureOf(change);
  const introduced = locate(findings.introduced);
  const changes = changesOf(pairs, rootNamespace);
  stopwatch.lap('comparing');
  const edits = await sourceEdits(introduced, { state: states.rendered, ...found, rules, elapsed });
  stopwatch.lap('proving fixes');
  return {
    verdict: verdictOf(findings.introduced, states.unreadable),
    ...commits,
    introduced: introduced.map((reviewed) => {
      const proven = edits.get(reviewed.finding);
      return proven === undefined ? reviewed : { ...reviewed, edits: proven };
    }),
    resolved: locate(findings.resolved),
    remaining: locate(findings.remaining),
    ...changes,
    meaning: explainChange(change),
    ...(picture === undefined ? {} : { picture }),
    unreadable: states.unreadable,
    leftOut: states.leftOut,
    configurationChanges: states.configurationChanges,
    rootNamespace,
    rendered: {
      roots: states.rendered.roots.filter(({ result }) => 'objects' in result).length,
      kubeVersion: clusterFacts(states.settings).kubeVersion,
    },
    steps: stopwatch.steps,
  };
}

function verdictOf(
  introduced: readonly Judged[],
  unreadable: readonly Unreadable[],
): Review['verdict'] {
  if (unreadable.some((file) => file.introduced)) {
    return 'incomplete';
  }
  return introduced.some(({ finding }) => effectOf(finding) === 'block') ? 'blocked' : 'clear';
}

interface JudgedManifest extends Judged, FindingOn<StateManifest> {}

interface JudgedState {
  readonly judged: readonly JudgedManifest[];
  readonly mesh: Mesh;
}

function judgeState(manifests: readonly StateManifest[], rules: Rules): JudgedState {
  const byResource = new Map(manifests.map((manifest) => [manifest.located, manifest] as const));
  const resources = manifests.flatMap(({ located }) => (located === undefined ? [] : [located]));
  const { judged, mesh } = judge(resources, rules);
  const onManifests = judged.flatMap((each) => {
    const manifest = byResource.get(each.subject);
    return manifest === undefined ? [] : [{ ...each, manifest }];
  });
  return { judged: onManifests, mesh };
}

function locate(findings: readonly JudgedManifest[]): readonly ReviewedFinding[] {
  const manifests = new Map<Finding, StateManifest>(
    findings.map(({ finding, manifest }) => [finding, manifest]),
  );
  return locateFindings(findings).map((located) => {
    const manifest = manifests.get(located.finding);
    const operations = located.operations ?? [];
    const suggestion = manifest === undefined ? [] : suggestedFields(manifest, operations);
    return { ...located, suggestion };
  });
}
