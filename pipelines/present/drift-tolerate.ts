import { stringIn, type Json, type JsonObject } from '../../policies/core/json.ts';
import { pointerSegments, valueAt, pointer } from '../../policies/core/pointer.ts';
import { flowText } from '../edit/write-value.ts';
import type { DriftReport, FieldDrift, ObjectDrift } from '../drift/report.ts';

const acceptedMilliseconds = 90 * 24 * 3_600_000;
/** What an element's condition can hold. */
const plainName = /^[^,\]/~]+$/u;

/**
 * Ignore rules for all that differs, as a part of `meshgate.yaml`: each for one object, field and manager, with an end
 * in 90 days and a reason to be filled in. The configuration takes none without a reason.
 */
export function toleranceRules({ drifts }: DriftReport, now: number): string {
  const expires = new Date(now + acceptedMilliseconds).toISOString().slice(0, 10);
  const rules = drifts
    .filter(({ verdict }) => verdict !== 'unknown')
    .flatMap((drift) =>
      drift.fields.length === 0
        ? [ruleFor(drift, undefined)]
        : drift.fields.map((field) => ruleFor(drift, field)),
    );
  const lines = rules.map((rule) =>
    Object.entries({ ...rule, reason: '', expires })
      .map(
        ([key, value], index) => `${index === 0 ? '    - ' : '      '}${key}: ${flowText(value)}`,
      )
      .join('\n'),
  );
  return rules.length === 0 ? '' : `drift:\n  ignore:\n${lines.join('\n')}\n`;
}

function ruleFor(
  { reference, live, declared }: ObjectDrift,
  field: FieldDrift | undefined,
): Readonly<Record<string, string>> {
  const { kind, name, namespace } = reference;
  return {
    kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
    ...(field === undefined
      ? {}
      : { at: patternFor(field.live === undefined ? (declared ?? live) : live, field.at) }),
    ...(field?.manager === undefined ? {} : { manager: field.manager }),
  };
}

/** The field's pointer, with names in place of indexes where elements have them. */
function patternFor(object: JsonObject | undefined, at: FieldDrift['at']): string {
  const segments = pointerSegments(at);
  const steps = segments.map((segment, index) => {
    const above = valueAt(object, pointer(...segments.slice(0, index)));
    const name = Array.isArray(above)
      ? stringIn((above as readonly Json[])[Number(segment)], 'name')
      : undefined;
    return name !== undefined && plainName.test(name) ? `[name=${name}]` : segment;
  });
  return pointer(...steps);
}
