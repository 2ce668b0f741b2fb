import * as z from 'zod';
import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  valueIn,
  type Json,
} from '../../core/json.ts';
import { equalJson } from '../../core/patch.ts';
import { pointer } from '../../core/pointer.ts';
import type { Report } from '../../core/policy.ts';
import { describeReference, type Resource } from '../../core/resource.ts';
import { definePolicy } from '../../mesh/define-policy.ts';
import { labelKey } from '../../mesh/keys.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { groupLabels } from '../../mesh/workload-entries.ts';
import { workloadGroupExamples } from './workload-group.examples.ts';

const params = z.object({});
type MessageId =
  | 'template-missing'
  | 'template-field'
  | 'port-out-of-range'
  | 'probe-without-method'
  | 'probe-methods'
  | 'probe-port'
  | 'probe-refused'
  | 'labels-shared';

const times = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const;
const methods = ['httpGet', 'tcpSocket', 'exec', 'grpc'] as const;

/** A WorkloadGroup is the template from which machines register themselves. */
export const workloadGroup = definePolicy<typeof params, MessageId>({
  id: 'vm/workload-group',
  title: 'WorkloadGroups make entries that services select and probes that run',
  why: 'A machine registers with what its group says. Labels in the wrong place select nothing, an address in the template is not meant for many machines, and a probe without a method makes Istio refuse the group.',
  sources: [
    'Istio API, networking/v1 WorkloadGroup',
    'Istio pkg/config/validation/validation.go',
    'https://github.com/istio/istio/issues/35702',
  ],
  severity: 'error',
  subjects: ['WorkloadGroup'],
  consults: ['WorkloadGroup'],
  cost: 'O(groups of the namespace that share a label).',
  params,
  messages: {
    'template-missing': {
      text: 'The group has no template: Istio refuses it.',
      remedy: 'Set spec.template, with the serviceAccount of the machines.',
    },
    'template-field': {
      text: 'spec.{field} does not belong in the template: {effect}.',
      remedy: '{advice}',
    },
    'port-out-of-range': {
      text: 'The template gives port {name} the number {port}, which no machine can listen on.',
      remedy: 'Use a number from 1 to 65535.',
    },
    'probe-without-method': {
      text: 'The probe has no method: Istio refuses the group.',
      remedy: 'Set one of httpGet, tcpSocket, exec and grpc.',
    },
    'probe-methods': {
      text: 'The probe has several methods ({methods}): one only can run.',
      remedy: 'Keep one of them.',
    },
    'probe-port': {
      text: 'The {method} probe has no port from 1 to 65535: Istio refuses the group.',
      remedy: 'Set spec.probe.{method}.port to the port on which the application answers.',
    },
    'probe-refused': {
      text: 'Istio refuses the group because of probe.{field}: {reason}.',
      remedy: '{advice}',
    },
    'labels-shared': {
      text: '{other} gives its machines the same labels: no service can tell the two groups apart.',
      remedy: 'Give one of them a label of its own in spec.metadata.labels.',
    },
  },
  equivalents: [{ tool: 'kiali', code: 'KIA1702' }],
  check({ resource }, mesh) {
    const template = valueIn(resource.object, 'spec', 'template');
    const missing = isObject(template) ? [] : [report('template-missing', ['template'])];
    return [
      ...missing,
      ...templateReports(template),
      ...probeReports(resource),
      ...sharedLabels(resource, mesh),
    ];
  },
  examples: workloadGroupExamples,
});

function templateReports(template: Json | undefined): readonly Report<MessageId>[] {
  const found: Report<MessageId>[] = [];
  if (Object.keys(objectIn(template, 'labels')).length > 0) {
    const effect =
      'entries get their labels from spec.metadata.labels, so that services select none of the machines by these';
    found.push(
      report(
        'template-field',
        ['template', 'labels'],
        { effect, advice: 'Move them to spec.metadata.labels.' },
        'warning',
      ),
    );
  }
  if ((stringIn(template, 'address') ?? '') !== '') {
    const effect = 'each machine registers with an address of its own';
    found.push(
      report(
        'template-field',
        ['template', 'address'],
        { effect, advice: 'Remove it.' },
        'warning',
      ),
    );
  }
  for (const [name, port] of Object.entries(objectIn(template, 'ports'))) {
    if (!isPort(port)) {
      found.push(report('port-out-of-range', ['template', 'ports', name], { name, port }));
    }
  }
  return found;
}

function probeReports({ object }: Resource): readonly Report<MessageId>[] {
  const probe = valueIn(object, 'spec', 'probe');
  if (!isObject(probe)) {
    return [];
  }
  const used = methods.filter((method) => valueIn(probe, method) !== undefined);
  const [method] = used;
  if (method === undefined) {
    return [report('probe-without-method', ['probe'])];
  }
  if (used.length > 1) {
    return [report('probe-methods', ['probe'], { methods: used })];
  }
  return [
    ...(method === 'exec' || isPort(numberIn(probe, method, 'port'))
      ? []
      : [report('probe-port', ['probe', method, 'port'], { method })]),
    ...refusedFields(probe),
  ];
}

/** Source: Istio `pkg/config/validation`, ValidateReadinessProbe. */
function refusedFields(probe: Json): readonly Report<MessageId>[] {
  const found: Report<MessageId>[] = times
    .filter((field) => (numberIn(probe, field) ?? 0) < 0)
    .map((field) =>
      refused([field], 'it is negative', `Set it to a number of ${countedBy(field)} from 1 on.`),
    );
  const scheme = stringIn(probe, 'httpGet', 'scheme') ?? '';
  if (!['', 'HTTP', 'HTTPS'].includes(scheme)) {
    found.push(
      refused(['httpGet', 'scheme'], `it is ${scheme}`, 'Use HTTP or HTTPS, in upper case.'),
    );
  }
  const exec = valueIn(probe, 'exec');
  if (exec !== undefined && listIn(exec, 'command').length === 0) {
    found.push(
      refused(['exec', 'command'], 'there is none', 'List the program and its arguments.'),
    );
  }
  return found;
}

function countedBy(field: (typeof times)[number]): string {
  return field.endsWith('Seconds') ? 'seconds' : 'probes';
}

function refused(path: readonly string[], reason: string, advice: string): Report<MessageId> {
  return {
    message: 'probe-refused',
    at: pointer('spec', 'probe', ...path),
    data: { field: path.join('.'), reason, advice },
  };
}

function sharedLabels(group: Resource, mesh: Mesh): readonly Report<MessageId>[] {
  const labels = groupLabels(group);
  const [first] = Object.entries(labels);
  if (first === undefined) {
    return [];
  }
  for (const other of mesh.byKey('WorkloadGroup', labelKey(group.namespace, ...first))) {
    if (other.name < group.name && equalJson(groupLabels(other), labels)) {
      return [
        report(
          'labels-shared',
          ['metadata', 'labels'],
          { other: describeReference(other) },
          'warning',
        ),
      ];
    }
  }
  return [];
}

function isPort(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
}

function report(
  message: MessageId,
  path: readonly string[],
  data: Readonly<Record<string, Json>> = {},
  severity?: 'warning',
): Report<MessageId> {
  const field = path.slice(0, 2).join('.');
  return {
    message,
    ...(severity === undefined ? {} : { severity }),
    at: pointer('spec', ...path),
    data: { ...data, field },
  };
}
