import { describe, expect, test } from '@jest/globals';
import { readResource } from '../../../policies/core/resource.ts';
import { injectorsBefore } from '../../../webhooks/registration/injector-order.ts';
import type { RegistrationOptions } from '../../../webhooks/registration/options.ts';
import {
  mutatingName,
  webhookConfigurations,
} from '../../../webhooks/registration/registration.ts';

const options: RegistrationOptions = {
  subjects: new Set([
    'Pod',
    'Deployment',
    'Job',
    'Namespace',
    'DestinationRule',
    'PeerAuthentication',
  ]),
  fill: true,
  address: { service: { name: 'meshgate', namespace: 'meshgate-system' }, caBundle: 'Q0E=' },
  ownNamespace: 'meshgate-system',
};

test('what fills in names Pods at CREATE, and can block nothing', () => {
  const [mutating] = webhookConfigurations(options);
  expect(mutating).toMatchObject({
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: '00-meshgate-mutating' },
    webhooks: [
      {
        clientConfig: { service: { name: 'meshgate', path: '/mutate' }, caBundle: 'Q0E=' },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['pods'],
            scope: 'Namespaced',
          },
        ],
        failurePolicy: 'Ignore',
        matchPolicy: 'Equivalent',
        reinvocationPolicy: 'IfNeeded',
        sideEffects: 'None',
        timeoutSeconds: 2,
        admissionReviewVersions: ['v1'],
      },
    ],
  });
});

test('what judges names exactly the kinds that policies judge', () => {
  const [, validating] = webhookConfigurations(options);
  const rules = validating?.webhooks.flatMap((webhook) =>
    webhook.rules.map((rule) => [webhook.name, rule.resources, rule.operations, rule.scope]),
  );
  expect(rules).toEqual([
    ['workloads.meshgate.dev', ['deployments'], ['CREATE', 'UPDATE'], 'Namespaced'],
    ['workloads.meshgate.dev', ['jobs'], ['CREATE'], 'Namespaced'],
    ['workloads.meshgate.dev', ['namespaces'], ['CREATE', 'UPDATE'], 'Cluster'],
    ['workloads.meshgate.dev', ['pods'], ['CREATE'], 'Namespaced'],
    ['configuration.meshgate.dev', ['destinationrules'], ['CREATE', 'UPDATE'], 'Namespaced'],
    ['configuration.meshgate.dev', ['peerauthentications'], ['CREATE', 'UPDATE'], 'Namespaced'],
  ]);
});

test('no rule has a wildcard, a subresource, or an operation that deletes', () => {
  for (const { webhooks } of webhookConfigurations(options)) {
    for (const rule of webhooks.flatMap((webhook) => webhook.rules)) {
      const parts = [...rule.apiGroups, ...rule.apiVersions, ...rule.resources, ...rule.operations];
      expect(parts.filter((part) => /[*/]|DELETE|CONNECT/u.test(part))).toEqual([]);
    }
  }
});

test('system namespaces are left out everywhere, that of Istio only for workloads', () => {
  const excluded = webhookConfigurations(options).flatMap(({ webhooks }) =>
    webhooks.map(({ name, namespaceSelector }) => [
      name,
      namespaceSelector.matchExpressions[0]?.values,
    ]),
  );
  const system = ['kube-system', 'kube-public', 'kube-node-lease', 'meshgate-system'];
  expect(excluded).toEqual([
    ['fill.meshgate.dev', [...system, 'istio-system']],
    ['workloads.meshgate.dev', [...system, 'istio-system']],
    ['configuration.meshgate.dev', system],
  ]);
});

test('every condition lets deletions pass before it reads the object', () => {
  for (const { webhooks } of webhookConfigurations(options)) {
    for (const { expression } of webhooks.flatMap(({ matchConditions }) => matchConditions)) {
      expect(expression).toContain('object == null ||');
    }
  }
});

describe('what is off registers nothing', () => {
  test('no policies, no configuration', () => {
    expect(webhookConfigurations({ ...options, subjects: new Set() })).toEqual([]);
  });
  test('no filling, no mutating configuration', () => {
    const kinds = webhookConfigurations({ ...options, fill: false }).map(({ kind }) => kind);
    expect(kinds).toEqual(['ValidatingWebhookConfiguration']);
  });
  test('configurations of webhooks are never asked for', () => {
    const subjects = new Set(['MutatingWebhookConfiguration'] as const);
    expect(webhookConfigurations({ ...options, subjects })).toEqual([]);
  });
});

test("ConfigMaps are asked for only where they are Istio's", () => {
  const [configuration] = webhookConfigurations({
    ...options,
    fill: false,
    subjects: new Set(['ConfigMap'] as const),
  });
  const names = configuration?.webhooks[0]?.matchConditions.map(({ name }) => name);
  expect(names).toContain('only-istio-config-maps');
});

test('a URL gets the path', () => {
  const [mutating] = webhookConfigurations({ ...options, address: { url: 'https://x:8443/' } });
  expect(mutating?.webhooks[0]?.clientConfig).toEqual({ url: 'https://x:8443/mutate' });
});

describe('the order of injection', () => {
  function configuration(name: string, path = '/inject') {
    const resource = readResource({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name },
      webhooks: [{ clientConfig: { service: { path } } }],
    });
    if (resource === undefined) {
      throw new Error('not a resource');
    }
    return resource;
  }

  test('is right for the names that Istio gives', () => {
    const names = ['istio-sidecar-injector', 'istio-revision-tag-default', mutatingName];
    expect(injectorsBefore(names.map((name) => configuration(name)))).toEqual([]);
  });

  test('is wrong where an injector sorts first, whatever it is called', () => {
    const found = [
      configuration('00-injector', '/inject/cluster/one'),
      configuration('00-a-other', '/mutate'),
      configuration('zz'),
    ];
    expect(injectorsBefore(found)).toEqual(['00-injector']);
  });
});
