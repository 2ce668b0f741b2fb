import type { Plan, PlannedPolicy } from './evaluate.ts';
import { compileExemptions } from './exemption.ts';
import type { Gate, Mode } from './finding.ts';
import type { KindName } from './kinds.ts';
import { compileMatch, type NamespaceLabels, type ResourceTest } from './match.ts';
import type { Policy, Subject } from './policy.ts';
import { defaultModes, type ModeSetting, type PolicySetting, type Settings } from './settings.ts';

/** What a plan is made from. */
export interface PlanInputs<Mesh> {
  /** Sorted by id; the plan keeps the order. */
  readonly catalogue: readonly Policy<Mesh>[];
  /** As `readSettings` gives them for this catalogue: their params are taken as valid. */
  readonly settings: Settings;
  readonly gate: Gate;
  /** Milliseconds since the epoch; decides which exemptions have expired. */
  readonly now: number;
  /** Labels of a namespace as they are now; undefined where it is not known. */
  readonly namespaceLabels: NamespaceLabels;
}

type PoliciesByKind<Mesh> = ReadonlyMap<KindName, readonly PlannedPolicy<Mesh>[]>;
type PolicySettings = Readonly<Record<string, PolicySetting>>;

/** Combinations of scopes that are remembered; labels are the authors' to choose, so the number must be bounded. */
const mostVariants = 1000;

/**
 * Plans which policies judge which objects at a gate: the base settings, then every matching scope in order, where
 * later ones win and params are merged by key. Everything is compiled here, once. `policiesFor` costs one look-up by
 * kind plus one match for every scope.
 */
export function planPolicies<Mesh>(inputs: PlanInputs<Mesh>): Plan<Mesh> {
  const { catalogue, settings, gate, now, namespaceLabels } = inputs;
  const exemptions = compileExemptions(catalogue, settings, now, namespaceLabels);
  const variantOf = compileVariants(inputs);

  function policiesFor(subject: Subject): readonly PlannedPolicy<Mesh>[] {
    return variantOf(subject).get(subject.resource.type) ?? [];
  }
  return {
    gate,
    subjects: judgedKinds(catalogue, settings, gate),
    names: [...settings.scopes, ...settings.exemptions].flatMap(({ match }) => match.names ?? []),
    policiesFor,
    exemptionOf: (finding, { resource }) => exemptions.exemptionOf(finding.policy, resource),
    remarksOn: (subject) => exemptions.remarksOn(subject.resource, policiesFor(subject)),
  };
}

/** The settings for a subject, made once for every combination of scopes that occurs. */
function compileVariants<Mesh>(
  inputs: PlanInputs<Mesh>,
): (subject: Subject) => PoliciesByKind<Mesh> {
  const { catalogue, settings, gate, namespaceLabels } = inputs;
  const base = byKind(catalogue, [settings.policies], gate);
  const tests = settings.scopes.map((scope) => compileMatch(scope.match, namespaceLabels));
  if (tests.length === 0) {
    return () => base;
  }
  const variants = new Map<string, PoliciesByKind<Mesh>>();
  return ({ resource }) => {
    const key = matching(tests, resource);
    const known = variants.get(key);
    if (known !== undefined) {
      return known;
    }
    const scoped = settings.scopes.filter((_, index) => key[index] === '1');
    const made = byKind(
      catalogue,
      [settings.policies, ...scoped.map((scope) => scope.policies)],
      gate,
    );
    if (variants.size >= mostVariants) {
      variants.clear();
    }
    variants.set(key, made);
    return made;
  };
}

/** Which tests hold, as a text of `1` and `0`. */
function matching(tests: readonly ResourceTest[], resource: Subject['resource']): string {
  let key = '';
  for (const test of tests) {
    key += test(resource) ? '1' : '0';
  }
  return key;
}

function byKind<Mesh>(
  catalogue: readonly Policy<Mesh>[],
  layers: readonly PolicySettings[],
  gate: Gate,
): PoliciesByKind<Mesh> {
  const planned = new Map<KindName, PlannedPolicy<Mesh>[]>();
  for (const policy of catalogue) {
    const settings = layers.map((layer) => settingOf(layer, policy.id));
    const mode = modeAt(gate, settings);
    if (mode === 'off') {
      continue;
    }
    const params = policy.params.parse(
      Object.assign({}, ...settings.map((setting) => setting.params)),
    );
    const entry: PlannedPolicy<Mesh> = { policy, params, mode };
    for (const kind of policy.subjects) {
      planned.set(kind, [...(planned.get(kind) ?? []), entry]);
    }
  }
  return planned;
}

/** The last layer that says something of the gate wins; a gate that no layer names has its default. */
function modeAt(gate: Gate, settings: readonly PolicySetting[]): Mode {
  let mode = defaultModes[gate];
  for (const setting of settings) {
    mode = modeFor(gate, setting.mode) ?? mode;
  }
  return mode;
}

function modeFor(gate: Gate, setting: ModeSetting | undefined): Mode | undefined {
  return typeof setting === 'string' ? setting : setting?.[gate];
}

function settingOf(settings: PolicySettings, policy: string): PolicySetting {
  return (Object.hasOwn(settings, policy) ? settings[policy] : undefined) ?? {};
}

/** The kinds that some policy judges in the base settings or in one of the scopes. */
function judgedKinds<Mesh>(
  catalogue: readonly Policy<Mesh>[],
  settings: Settings,
  gate: Gate,
): ReadonlySet<KindName> {
  const judged = new Set<KindName>();
  for (const policy of catalogue) {
    const scoped = settings.scopes.map((scope) => settingOf(scope.policies, policy.id));
    const modes = [
      modeAt(gate, [settingOf(settings.policies, policy.id)]),
      ...scoped.map((setting) => modeFor(gate, setting.mode) ?? 'off'),
    ];
    if (modes.some((mode) => mode !== 'off')) {
      for (const kind of policy.subjects) {
        judged.add(kind);
      }
    }
  }
  return judged;
}
