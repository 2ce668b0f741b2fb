import {
  isObject,
  listIn,
  numberIn,
  objectIn,
  stringIn,
  type Json,
  type JsonObject,
} from '../../policies/core/json.ts';

const old = 'autoscaling/v1';
const utilization = 'targetCPUUtilizationPercentage';
const metricsNote = 'autoscaling.alpha.kubernetes.io/metrics';
const behaviorNote = 'autoscaling.alpha.kubernetes.io/behavior';
/** Status, which v1 has no other place for. */
const statusNotes = ['conditions', 'current-metrics'].map(
  (name) => `autoscaling.alpha.kubernetes.io/${name}`,
);

/** Whether two objects are one autoscaler in versions that name the same things otherwise. */
export function isOtherwiseNamed(declared: JsonObject, live: JsonObject): boolean {
  return (
    declared['kind'] === 'HorizontalPodAutoscaler' &&
    declared['apiVersion'] !== live['apiVersion'] &&
    [declared, live].some(({ apiVersion }) => apiVersion === old)
  );
}

/**
 * An autoscaler of autoscaling/v1 in the words of v2, with the owner of its target; any other object as it is. Source:
 * kubernetes `pkg/apis/autoscaling/v1/conversion.go`.
 */
export function inNewWords(object: JsonObject): JsonObject {
  if (object['apiVersion'] !== old) {
    return object;
  }
  const { [utilization]: _, ...spec } = objectIn(object, 'spec');
  const annotations = objectIn(object, 'metadata', 'annotations');
  const percentage = numberIn(object, 'spec', utilization);
  const metrics = [
    ...(percentage === undefined ? [] : [resourceMetric('cpu', percentage)]),
    ...parsedList(stringIn(annotations, metricsNote)).map(inNewMetric),
  ];
  const behavior = parsed(stringIn(annotations, behaviorNote));
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: {
      ...objectIn(object, 'metadata'),
      annotations: without(annotations, [metricsNote, behaviorNote, ...statusNotes]),
      managedFields: listIn(object, 'metadata', 'managedFields').map(inNewOwner),
    },
    spec: {
      ...spec,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(isObject(behavior) ? { behavior } : {}),
    },
  };
}

function resourceMetric(name: string, averageUtilization: number): JsonObject {
  return {
    type: 'Resource',
    resource: { name, target: { type: 'Utilization', averageUtilization } },
  };
}

const sources = ['resource', 'containerResource', 'pods', 'object', 'external'];

/** A metric as the annotation of v1 has it. */
function inNewMetric(metric: Json): JsonObject {
  const found = Object.entries(objectIn(metric)).map(([key, source]): readonly [string, Json] =>
    sources.includes(key) && isObject(source) ? [key, inNewSource(key, source)] : [key, source],
  );
  return Object.fromEntries(found);
}

function inNewSource(kind: string, source: JsonObject): JsonObject {
  const { metricName, selector, metricSelector, ...rest } = source;
  const kept = without(rest, ['target', ...Object.keys(targets)]);
  const label = selector ?? metricSelector;
  return {
    ...kept,
    ...(kind === 'object' && isObject(source['target'])
      ? { describedObject: source['target'] }
      : {}),
    ...(metricName === undefined
      ? {}
      : { metric: { name: metricName, ...(label === undefined ? {} : { selector: label }) } }),
    target: targetOf(source),
  };
}

/** Of several the last one says its type. */
const targets: Readonly<Record<string, readonly [type: string, field: string]>> = {
  targetValue: ['Value', 'value'],
  targetAverageValue: ['AverageValue', 'averageValue'],
  averageValue: ['AverageValue', 'averageValue'],
  targetAverageUtilization: ['Utilization', 'averageUtilization'],
};

function targetOf(source: JsonObject): JsonObject {
  let target: JsonObject = {};
  for (const [name, [type, field]] of Object.entries(targets)) {
    const value = source[name] ?? null;
    // Version 1 has a value of zero where there is none.
    if (value !== null && value !== '0') {
      target = { type, [field]: value };
    }
  }
  return target;
}

/** Who owns the target of v1 owns the metrics. */
function inNewOwner(entry: Json): Json {
  const fields = objectIn(entry, 'fieldsV1');
  const { [`f:${utilization}`]: owned, ...spec } = objectIn(fields, 'f:spec');
  return owned === undefined || !isObject(entry)
    ? entry
    : { ...entry, fieldsV1: { ...fields, 'f:spec': { ...spec, 'f:metrics': {} } } };
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function parsedList(text: string | undefined): readonly Json[] {
  const value = parsed(text);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function parsed(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
