import type * as z from 'zod';
import type { Fix, Severity } from './finding.ts';
import { jsonText, type Json } from './json.ts';
import type { KindName } from './kinds.ts';
import type { Pointer } from './pointer.ts';
import type { ObjectReference, Resource } from './resource.ts';

/** What a policy judges. */
export interface Subject {
  readonly resource: Resource;
  /**
   * True where the API server has already written its defaults into the object, so that a value equal to the default
   * may never have been declared (every Pod has a grace period of 30 there).
   */
  readonly defaulted: boolean;
}

/** A message: its grammar is "what is wrong, with values, and why it matters" and "what to do"; `{name}` takes `data.name`. */
export interface MessageTemplate {
  readonly text: string;
  readonly remedy: string;
}

/** What `check` yields for one field that does not hold. */
export interface Report<MessageId extends string = string> {
  readonly message: MessageId;
  readonly at: Pointer;
  readonly severity?: Severity;
  readonly data?: Readonly<Record<string, Json>>;
  /** What was assumed because the inputs could not tell; shown after the text. */
  readonly assumes?: readonly string[];
  readonly fix?: Fix;
  /** The objects whose findings this one sums up; see {@link Finding.through}. */
  readonly through?: readonly ObjectReference[];
}

/** An executed example: `expect` names the messages (each with its object) that the mesh in `yaml` gives, and no others. */
export interface Example {
  readonly name: string;
  /** The manifests, as an author would write them; the first paragraph of comments may say what to look at. */
  readonly yaml: string;
  /** Params that differ from the defaults. */
  readonly params?: Readonly<Record<string, Json>>;
  /** Facts for `mesh:` that differ from the defaults. */
  readonly mesh?: Readonly<Record<string, Json>>;
  /** What the real Istio was seen to do with it: version and decisive lines, for the docs page. */
  readonly observed?: string;
  /** Empty: the example is good. Otherwise `<message> | <Kind> <namespace>/<name>`, in any order. */
  readonly expect: readonly string[];
}

/** A check of another tool that means the same. */
export interface Equivalent {
  readonly tool: 'istioctl' | 'kiali' | 'kyverno' | 'kube-linter';
  readonly code: string;
  /** How ours differs, in a clause. */
  readonly note?: string;
}

/** A policy: declarative and frozen; everything that docs, registration and reports need is readable without running it. */
export interface Policy<
  Mesh,
  Params extends z.ZodObject = z.ZodObject,
  MessageId extends string = string,
> {
  /** `<topic>/<name>`, which is also its path under `policies/rules`. Never reused. */
  readonly id: string;
  readonly title: string;
  /** Why the policy exists, for someone who has not met the problem. */
  readonly why: string;
  /** Where the facts come from: issues, documents or source files of Istio, Kubernetes and Envoy. */
  readonly sources: readonly string[];
  /** The severity of a report that names none. */
  readonly severity: Severity;
  readonly subjects: readonly KindName[];
  /** True where a fix of kind `fill` may come of it on a Pod: admission fills by these policies alone. */
  readonly fills?: true;
  /** Other kinds whose objects the check reads. A change to one of them may change this policy's verdicts. */
  readonly consults: readonly KindName[];
  /** What one evaluation costs, in words: which look-ups, and how they grow with the mesh. */
  readonly cost: string;
  readonly params: Params;
  readonly messages: Readonly<Record<MessageId, MessageTemplate>>;
  readonly equivalents: readonly Equivalent[];
  check(subject: Subject, mesh: Mesh, params: z.output<Params>): readonly Report<MessageId>[];
  readonly examples: readonly Example[];
  /**
   * What holds the claims of bad examples without `observed`, and why Istio was not asked or cannot show it; markdown for
   * the docs page, sources named. Undefined where each has been observed.
   */
  readonly unobserved?: string;
}

/** Text of a template with `{name}` taken from the data; an unknown name stays as it is, so that a test can see it. */
export function renderTemplate(template: string, data: Readonly<Record<string, Json>>): string {
  return template.replaceAll(/\{(\w+)\}/gu, (whole, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    if (value === undefined) {
      return whole;
    }
    return Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value);
  });
}

/** Freezes a policy; the types of its params and message ids are inferred from it. */
export function freezePolicy<Mesh, Params extends z.ZodObject, MessageId extends string>(
  policy: Policy<Mesh, Params, MessageId>,
): Policy<Mesh, Params, MessageId> {
  for (const part of [
    policy.sources,
    policy.subjects,
    policy.consults,
    policy.messages,
    policy.equivalents,
    policy.examples,
  ]) {
    Object.freeze(part);
  }
  return Object.freeze(policy);
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : jsonText(value);
}
