import { builtinFinding, expiredExemption } from './builtin.ts';
import type { Exempted } from './evaluate.ts';
import { annotatedExemption, remarksOnAnnotation } from './exemption-annotation.ts';
import type { Finding } from './finding.ts';
import { compileGlobs } from './glob.ts';
import { compileMatch, namespaceOf, type NamespaceLabels, type ResourceTest } from './match.ts';
import { pointer } from './pointer.ts';
import type { Policy } from './policy.ts';
import { coversPolicy, exemptibleNames } from './policy-name.ts';
import type { Resource } from './resource.ts';
import type { Exemption, Settings } from './settings.ts';

/** The exemptions of a configuration and of the objects' own annotations, compiled for one moment. */
export interface Exemptions {
  /** Why a policy's findings on an object do not count; undefined where they do. */
  exemptionOf(policy: string, resource: Resource): Exempted | undefined;
  /** Findings about exemptions that would concern the object and one of its policies, and have no effect. */
  remarksOn(resource: Resource, policies: readonly JudgingPolicy[]): readonly Finding[];
}

type JudgingPolicy = { readonly policy: { readonly id: string } };

interface CompiledExemption extends Exemption {
  readonly test: ResourceTest;
}

/** Compiles the exemptions of the settings as they stand at `now` (milliseconds since the epoch). */
export function compileExemptions<Mesh>(
  catalogue: readonly Policy<Mesh>[],
  settings: Settings,
  now: number,
  namespaceLabels: NamespaceLabels,
): Exemptions {
  const live: CompiledExemption[] = [];
  const expired: CompiledExemption[] = [];
  for (const exemption of settings.exemptions) {
    const test = compileMatch(exemption.match, namespaceLabels);
    (hasExpired(exemption, now) ? expired : live).push({ ...exemption, test });
  }
  const names = new Set(exemptibleNames(catalogue));
  const allowedIn = compileGlobs(settings.annotationExemptions.namespaces);

  function mayAnnotate(resource: Resource): boolean {
    const namespace = namespaceOf(resource);
    return namespace !== '' && allowedIn(namespace);
  }
  return {
    exemptionOf(policy, resource) {
      for (const exemption of live) {
        if (coversPolicy(exemption.policy, policy) && exemption.test(resource)) {
          return { source: 'configuration', reason: exemption.reason };
        }
      }
      return mayAnnotate(resource) ? annotatedExemption(resource, policy) : undefined;
    },
    remarksOn(resource, policies) {
      const remarks = remarksOnAnnotation(resource, () => mayAnnotate(resource), names);
      return expired.length === 0
        ? remarks
        : [...expiredRemarks(expired, resource, policies), ...remarks];
    },
  };
}

function expiredRemarks(
  expired: readonly CompiledExemption[],
  resource: Resource,
  policies: readonly JudgingPolicy[],
): readonly Finding[] {
  return expired
    .filter((exemption) => policies.some(({ policy }) => coversPolicy(exemption.policy, policy.id)))
    .filter((exemption) => exemption.test(resource))
    .map((exemption) => expiredRemark(exemption, resource));
}

function expiredRemark(exemption: Exemption, resource: Resource): Finding {
  const { policy, reason, expires = '' } = exemption;
  return builtinFinding(expiredExemption, resource, {
    message: 'expired',
    at: pointer(),
    data: { policy, reason, expires },
  });
}

/** An exemption holds until its last day has ended in UTC. */
function hasExpired({ expires }: Exemption, now: number): boolean {
  if (expires === undefined) {
    return false;
  }
  const [year = 0, month = 1, day = 1] = expires.split('-').map(Number);
  return now >= Date.UTC(year, month - 1, day + 1);
}
