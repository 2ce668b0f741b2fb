import { compileGlob, compileGlobs, type NameTest } from './glob.ts';
import { stringMapIn } from './json.ts';
import type { Resource } from './resource.ts';
import type { Match } from './settings.ts';

/** The labels of a namespace, or undefined where the namespace is not known. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>> | undefined;

/** Whether a compiled {@link Match} applies to an object. */
export type ResourceTest = (resource: Resource) => boolean;

/** The namespace that a match sees: an object's own, or for a Namespace its name; '' for other cluster-scoped objects. */
export function namespaceOf(resource: Resource): string {
  return resource.type === 'Namespace' ? resource.name : resource.namespace;
}

/**
 * Compiles a match; every field that is given must hold. `namespaces` and `namespaceLabels` never match an object
 * outside all namespaces, nor `namespaceLabels` one whose namespace is unknown. Cost: the fields of the match.
 */
export function compileMatch(match: Match, namespaceLabels: NamespaceLabels): ResourceTest {
  const tests: ResourceTest[] = [];
  if (match.kinds !== undefined) {
    const kinds = new Set(match.kinds);
    tests.push((resource) => kinds.has(resource.type));
  }
  if (match.namespaces !== undefined) {
    const test = compileGlobs(match.namespaces);
    tests.push((resource) => namespaceOf(resource) !== '' && test(namespaceOf(resource)));
  }
  if (match.names !== undefined) {
    const test = compileGlobs(match.names);
    tests.push((resource) => test(resource.name));
  }
  if (match.labels !== undefined) {
    const test = compileLabels(stringMapIn(match, 'labels'));
    tests.push((resource) => test(resource.labels));
  }
  if (match.namespaceLabels !== undefined) {
    const test = compileLabels(stringMapIn(match, 'namespaceLabels'));
    tests.push((resource) => test(labelsOfNamespace(resource, namespaceLabels)));
  }
  return (resource) => tests.every((test) => test(resource));
}

function labelsOfNamespace(resource: Resource, namespaceLabels: NamespaceLabels): Labels {
  if (resource.type === 'Namespace') {
    return resource.labels;
  }
  return resource.namespace === '' ? undefined : namespaceLabels(resource.namespace);
}

type Labels = Readonly<Record<string, string>> | undefined;

function compileLabels(wanted: Readonly<Record<string, string>>): (labels: Labels) => boolean {
  const tests = Object.entries(wanted).map(([key, value]): readonly [string, NameTest] => [
    key,
    compileGlob(value),
  ]);
  return (labels) =>
    labels !== undefined &&
    tests.every(([key, test]) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      return value !== undefined && test(value);
    });
}
