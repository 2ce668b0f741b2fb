import { listIn, stringIn, type JsonObject } from '../../policies/core/json.ts';
import { readResource } from '../../policies/core/resource.ts';
import { injectorsBefore, isInjector } from '../registration/injector-order.ts';
import { mutatingName } from '../registration/registration.ts';
import { notice, ok, problem, unknown, type Check } from './diagnosis.ts';

/** Whether every injector, of each revision and tag, sees what was filled in. */
export const orderCheck: Check = {
  name: 'injector-order',
  diagnose({ mutating }) {
    if ('unread' in mutating) {
      return [unknown(mutating.unread, 'Let this user list mutatingwebhookconfigurations.')];
    }
    const resources = mutating.value.flatMap((object) => readResource(withKind(object)) ?? []);
    const injectors = resources.filter(isInjector).map(({ name }) => name);
    const before = injectorsBefore(resources);
    if (before.length > 0) {
      return before.map((name) =>
        problem(
          `The injector ${name} is called before ${mutatingName}, so it does not see what is filled in on a Pod.`,
          `Rename ${name} to something that sorts after ${mutatingName}: webhooks are called in the bytewise order of their configurations' names.`,
        ),
      );
    }
    return injectors.length === 0
      ? [
          notice(
            'No injector of Istio is registered, so nothing reads what is filled in on Pods.',
            'Install Istio, or leave it at that where the mesh is ambient only.',
          ),
        ]
      : ok(`${mutatingName} is called before ${injectors.join(', ')}.`);
  },
};

function withKind(object: JsonObject): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    ...object,
  };
}

/** The configuration of ours among those read, by its name. */
export function ours(configurations: readonly JsonObject[], name: string): JsonObject | undefined {
  return configurations.find((object) => stringIn(object, 'metadata', 'name') === name);
}

/** The webhooks of a configuration; none where there is no configuration. */
export function webhooksOf(configuration: JsonObject | undefined): readonly unknown[] {
  return listIn(configuration, 'webhooks');
}
