import { existsSync, globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { applyPatch } from 'rfc6902';
import * as z from 'zod';
import { internalErrorPolicy } from '../../policies/core/evaluate.ts';
import { findingKey, type Finding, type Fix } from '../../policies/core/finding.ts';
import { isObject, stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { kindNameOf, kinds, type KindName } from '../../policies/core/kinds.ts';
import { operationsFor } from '../../policies/core/patch.ts';
import { valueAt } from '../../policies/core/pointer.ts';
import type { Example } from '../../policies/core/policy.ts';
import { readResource, type Resource } from '../../policies/core/resource.ts';
import { readYaml } from '../../policies/core/yaml.ts';
import { catalogue } from '../../policies/index.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { workloadOf } from '../../policies/mesh/workload.ts';
import { deepFreeze } from '../support/deep-freeze.ts';
import { expectation, findingsOf, meshOf, resourcesOf } from '../support/examples.ts';
import { withOddValues } from '../support/odd-values.ts';
import { seededRandom } from '../support/random.ts';
import { recordingMesh } from '../support/recording-mesh.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const oddMeshesPerExample = 15;

const examples = catalogue.flatMap((policy) =>
  policy.examples.map((example) => ({ id: policy.id, name: example.name, policy, example })),
);
const fixes = examples.flatMap(({ id, name, policy, example }) => {
  const resources = resourcesOf(example.yaml);
  return findingsOf(policy, resources, example).flatMap((finding, index) => {
    const { fix } = finding;
    const resource = resources.find((candidate) => isAbout(finding, candidate));
    return fix === undefined || resource === undefined
      ? []
      : [
          {
            id,
            name: `${name}, ${finding.message} ${index}`,
            policy,
            example,
            finding,
            resource,
            fix,
          },
        ];
  });
});

describe('the catalogue', () => {
  test('is sorted by id, and every id is there once', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  test('has the files under policies/rules, each under its id', () => {
    const files = globSync('policies/rules/**/*.ts', { cwd: root })
      .filter((file) => !file.endsWith('.examples.ts'))
      .map((file) => file.slice('policies/rules/'.length, -'.ts'.length));
    expect(catalogue.map(({ id }) => id)).toEqual(files.sort());
  });
});

describe.each(catalogue.map((policy) => ({ id: policy.id, policy })))('$id', ({ id, policy }) => {
  const found = policy.examples.map((example) =>
    findingsOf(policy, resourcesOf(example.yaml), example),
  );

  test('says why, from where, and what it costs', () => {
    expect(policy.title).toMatch(/^[A-Z].*[^.]$/u);
    for (const text of [policy.why, policy.cost]) {
      expect(text).toMatch(/^[A-Z].{10,}\.$/su);
    }
    expect(policy.sources.length).toBeGreaterThan(0);
  });

  test('shows what Istio does with each bad example, or says why not', () => {
    const unshown = policy.examples.filter(
      ({ expect: expected, observed }) => expected.length > 0 && observed === undefined,
    );
    expect(unshown.length > 0).toBe(policy.unobserved !== undefined);
  });

  test('has a page', () => {
    expect(existsSync(`${root}docs/policies/${id}.md`)).toBe(true);
  });

  test('has a good example and several bad ones, each with a name of its own', () => {
    expect(
      policy.examples.filter(({ expect: expected }) => expected.length === 0),
    ).not.toHaveLength(0);
    expect(
      policy.examples.filter(({ expect: expected }) => expected.length > 0).length,
    ).toBeGreaterThan(1);
    expect(new Set(policy.examples.map(({ name }) => name)).size).toBe(policy.examples.length);
  });

  test('produces every message that it declares, and no other, by some example', () => {
    const produced = new Set(found.flat().map(({ message }) => message));
    expect([...produced].sort()).toEqual(Object.keys(policy.messages).sort());
  });

  test('describes every param', () => {
    const { properties } = z.toJSONSchema(policy.params, { io: 'input' });
    for (const param of Object.values(properties ?? {})) {
      expect(stringIn(param, 'description')).toMatch(/^[A-Z].*\.$/u);
    }
  });

  test('fills every placeholder, and ends its texts with a period', () => {
    for (const { text, remedy } of found.flat()) {
      for (const words of [text, remedy]) {
        expect(words).toMatch(/[^.]\.$/su);
        expect(words).not.toMatch(/\{\w+\}|undefined|NaN|\[object/u);
      }
    }
  });

  test('judges exactly its subjects', () => {
    const judged = new Set<KindName | undefined>();
    const types = new Set(
      policy.examples.flatMap(({ yaml }) => resourcesOf(yaml)).map(({ type }) => type),
    );
    for (const { object } of found.flat()) {
      judged.add(kindNameOf(object.apiVersion, object.kind));
    }
    expect(
      [...judged].filter((kind) => kind === undefined || !policy.subjects.includes(kind)),
    ).toEqual([]);
    for (const kind of types) {
      if (!policy.subjects.includes(kind)) {
        expect(judgedDirectly(policy, kind)).toEqual([]);
      }
    }
  });

  test('reads the kinds that it declares, and no others', () => {
    const read = new Set<KindName>();
    for (const example of policy.examples) {
      const resources = resourcesOf(example.yaml);
      findingsOf(policy, resources, example, recordingMesh(meshOf(resources, example.mesh), read));
    }
    const declared = new Set<KindName>([...policy.subjects, ...policy.consults]);
    expect([...read].filter((kind) => !declared.has(kind))).toEqual([]);
    expect(policy.consults.filter((kind) => !read.has(kind))).toEqual([]);
    expect(policy.consults.filter((kind) => !Object.hasOwn(kinds, kind))).toEqual([]);
  });

  test('is frozen', () => {
    const { sources, subjects, consults, messages, equivalents, examples: shown } = policy;
    for (const part of [policy, sources, subjects, consults, messages, equivalents, shown]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});

describe('examples', () => {
  test.each(examples)('$id: $name', ({ policy, example }) => {
    const got = findingsOf(policy, resourcesOf(example.yaml), example).map(expectation);
    expect(got.sort()).toEqual([...example.expect].sort());
  });

  test.each(examples)('$id: $name, in any order of the objects', ({ policy, example }) => {
    const resources = resourcesOf(example.yaml);
    const wanted = findingsOf(policy, resources, example);
    const random = seededRandom(7);
    for (let round = 0; round < 5; round += 1) {
      const mesh = meshOf(random.shuffle(resources), example.mesh);
      expect(findingsOf(policy, resources, example, mesh)).toEqual(wanted);
    }
  });

  test.each(examples)('$id: $name, without a change to the objects', ({ policy, example }) => {
    const resources = resourcesOf(example.yaml).map(deepFreeze);
    const messages = findingsOf(policy, resources, example).map(({ policy: source }) => source);
    expect(messages).not.toContain(internalErrorPolicy);
  });
});

describe('fixes', () => {
  test.each(fixes)('$id: $name: the finding vanishes, and does so once', (fixed) => {
    const { policy, example, finding, resource, fix } = fixed;
    const repaired = patched(resource, fix);
    const resources = resourcesOf(example.yaml).map((other) =>
      isAbout(finding, other) ? repaired : other,
    );
    const left = findingsOf(policy, resources, example).map(findingKey);
    expect(left).not.toContain(findingKey(finding));
    expect(operationsFor(repaired.object, fix.changes)).toEqual([]);
  });

  test.each(fixes)('$id: $name: a fill touches nothing that was declared', ({ resource, fix }) => {
    const touched = fix.changes.filter((change) => !adds(resource.object, change));
    expect(fix.kind).toBe(touched.length === 0 ? 'fill' : 'replacement');
  });

  test.each(fixes)(
    '$id: $name: a policy that fills on workloads says so',
    ({ policy, resource, fix }) => {
      const fillsOnPods = fix.kind === 'fill' && workloadOf(resource) !== undefined;
      expect(policy.fills === true || !fillsOnPods).toBe(true);
    },
  );

  test.each(fixes)('$id: $name: what is filled is what is changed', ({ fix }) => {
    for (const { at } of fix.filled) {
      expect(fix.changes.map((change) => change.at)).toContain(at);
    }
  });

  test.each(examples)('$id: $name: all fixes together come to an end', ({ example }) => {
    let resources = resourcesOf(example.yaml);
    const stillFixed = (): readonly Finding[] =>
      catalogue
        .flatMap((policy) => findingsOf(policy, resources, paramsOnly(policy, example)))
        .filter(({ fix }) => fix !== undefined);
    let left = stillFixed();
    for (let round = 0; round < 4 && left.length > 0; round += 1) {
      const [finding] = left;
      resources = resources.map((resource) =>
        finding?.fix !== undefined && isAbout(finding, resource)
          ? patched(resource, finding.fix)
          : resource,
      );
      left = stillFixed();
    }
    expect(left).toEqual([]);
  });
});

describe('odd objects', () => {
  test.each(examples)('$id: $name: none makes a policy throw', ({ policy: own, example }) => {
    const random = seededRandom(example.yaml.length);
    for (let round = 0; round < oddMeshesPerExample; round += 1) {
      const resources = resourcesOf(example.yaml).flatMap((resource) => {
        const odd = withOddValues(resource.object, random, 0.06);
        const renamed = isObject(odd)
          ? { ...odd, apiVersion: resource.apiVersion, kind: resource.kind }
          : odd;
        return deepFreeze(readResource(renamed)) ?? [];
      });
      for (const policy of round === 0 ? catalogue : [own]) {
        const failed = findingsOf(policy, resources, paramsOnly(policy, example)).filter(
          (finding) => finding.policy === internalErrorPolicy,
        );
        expect(failed).toEqual([]);
      }
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

function paramsOnly(policy: MeshPolicy, example: Example): Pick<Example, 'params' | 'mesh'> {
  const own = policy.examples.includes(example) && example.params !== undefined;
  return {
    ...(own ? { params: example.params } : {}),
    ...(example.mesh === undefined ? {} : { mesh: example.mesh }),
  };
}

/** What the check itself says of objects of a kind that the policy does not declare to judge. */
function judgedDirectly(policy: MeshPolicy, kind: KindName): readonly unknown[] {
  return policy.examples.flatMap((example) => {
    const resources = resourcesOf(example.yaml);
    const mesh = meshOf(resources, example.mesh);
    return resources
      .filter(({ type }) => type === kind)
      .flatMap((resource) =>
        policy.check(
          { resource, defaulted: false },
          mesh,
          policy.params.parse(example.params ?? {}),
        ),
      );
  });
}

function isAbout(finding: Finding, resource: Resource): boolean {
  const { kind, namespace, name } = finding.object;
  return resource.kind === kind && resource.namespace === namespace && resource.name === name;
}

function patched(resource: Resource, fix: Fix): Resource {
  const object = structuredClone(resource.object);
  const failures = applyPatch(object, [...operationsFor(resource.object, fix.changes)] as never);
  expect(failures.filter((failure) => failure !== null)).toEqual([]);
  const repaired = readResource(object);
  if (repaired === undefined) {
    throw new Error('the fix makes the object unreadable');
  }
  return repaired;
}

/** Whether a change writes only what nobody declared: a new member, or new keys in the YAML of an annotation. */
function adds(object: JsonObject, change: Fix['changes'][number]): boolean {
  if ('remove' in change) {
    return false;
  }
  const before = valueAt(object, change.at);
  if (before === undefined) {
    return true;
  }
  const [old, now] = [membersOf(before), membersOf(change.value)];
  return (
    old !== undefined &&
    now !== undefined &&
    Object.keys(old).every((key) => JSON.stringify(old[key]) === JSON.stringify(now[key]))
  );
}

function membersOf(value: Json): JsonObject | undefined {
  const reading = typeof value === 'string' ? readYaml(value) : { value };
  return 'value' in reading && isObject(reading.value) ? reading.value : undefined;
}
