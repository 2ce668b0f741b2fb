import type { JsonObject } from '../../policies/core/json.ts';
import { isAsDesired } from '../registration/compare.ts';

/** What is known of one configuration. */
export interface RegistrationView {
  /** What it shall say; undefined where no policy needs it. */
  readonly desired: JsonObject | undefined;
  /** What the API server has. */
  readonly live: JsonObject | undefined;
  /** Whether it was registered, and not taken back by us. */
  readonly isRegistered: boolean;
  /** Whether what it shall say is what this process wrote last, so that a difference is somebody's edit. */
  readonly isWritten: boolean;
}

/** What is to be done about it. */
export type RegistrationStep =
  'nothing' | 'create' | 'change' | 'undo' | 'remove' | 'remember' | 'forget' | 'leave-deleted';

/**
 * What to do about one configuration. One that was registered and is gone was deleted by somebody, which is how people
 * get rid of a webhook at once: it stays deleted.
 */
export function registrationStep(view: RegistrationView): RegistrationStep {
  const { desired, live, isRegistered, isWritten } = view;
  if (desired === undefined) {
    if (live !== undefined) {
      return 'remove';
    }
    return isRegistered ? 'forget' : 'nothing';
  }
  if (live === undefined) {
    return isRegistered ? 'leave-deleted' : 'create';
  }
  if (!isAsDesired(desired, live)) {
    return isWritten ? 'undo' : 'change';
  }
  return isRegistered ? 'nothing' : 'remember';
}
