import { notice, ok, problem, unknown, type Check } from './diagnosis.ts';
import type { Right } from './snapshot.ts';

const applyRemedy = 'Apply the chart again, or `meshgate install` of the same version.';

/** Whether meshgate may do what it has to. */
export const rightsCheck: Check = {
  name: 'rights',
  diagnose({ missingRights }) {
    if ('unread' in missingRights) {
      return [
        unknown(
          missingRights.unread,
          'Let this user create subjectaccessreviews, which store nothing.',
        ),
      ];
    }
    return missingRights.value.length === 0
      ? ok('Its ServiceAccount has every right that it needs.')
      : missingRights.value.map((right) =>
          problem(`Its ServiceAccount may not ${describe(right)}.`, applyRemedy),
        );
  },
};

function describe({ verb, group, resource, namespace, name }: Right): string {
  const what = group === '' ? resource : `${resource}.${group}`;
  const which = name === undefined ? what : `${what} ${name}`;
  return namespace === undefined ? `${verb} ${which}` : `${verb} ${which} in ${namespace}`;
}

/** Whether the API server let something pass because nobody answered. */
export const failedOpenCheck: Check = {
  name: 'failed-open',
  diagnose({ failedOpen }) {
    if ('unread' in failedOpen) {
      return [unknown(failedOpen.unread, 'Let this user get /metrics of the API server.')];
    }
    return failedOpen.value === 0
      ? ok('This API server got an answer to every review since it started.')
      : [
          notice(
            `This API server let ${String(failedOpen.value)} requests pass unjudged since it started, because no answer came.`,
            'Its log and audit log name them: failed-open in the annotations. See reachability and certificate.',
          ),
        ];
  },
};
