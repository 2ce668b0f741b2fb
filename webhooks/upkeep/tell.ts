import { createEventSink, type ClusterEvent } from '../../pipelines/source/cluster-events.ts';
import type { CanaryResult } from './canary.ts';
import type { FailurePolicyState } from './failure-policy.ts';
import type { UpkeepMetrics, UpkeepTask } from './metrics.ts';
import type { UpkeepOptions } from './options.ts';
import { registeredAnnotation } from './registered.ts';
import type { RegistrationReports } from './registrar.ts';

/** An Event about us, told at the Service. */
export type UpkeepEvent = Pick<ClusterEvent, 'type' | 'reason' | 'action' | 'note'>;

/** Says what happens: in the log, in the metrics, and as Events where it concerns people. */
export interface Teller {
  readonly registration: RegistrationReports;
  readonly event: (event: UpkeepEvent) => void;
  readonly problem: (task: UpkeepTask) => (error: unknown) => void;
  readonly renewed: (what: 'authority' | 'leaf', why: string) => void;
  readonly dropped: () => void;
  readonly proved: (state: FailurePolicyState, result: CanaryResult, turned: boolean) => void;
}

/** Makes the teller of one replica. */
export function createTeller(options: UpkeepOptions, metrics: UpkeepMetrics): Teller {
  const { writer, clock, logger, place } = options;
  const { name, namespace } = place.service;
  const about = { apiVersion: 'v1', kind: 'Service', name, namespace };
  const sink = createEventSink({
    writer,
    instance: place.identity,
    now: () => clock.now(),
    onProblem: problem('event'),
  });

  function event(told: UpkeepEvent): void {
    void sink({ about, ...told });
  }
  function problem(task: UpkeepTask): (error: unknown) => void {
    return (error) => {
      metrics.failures.inc({ task });
      const text = error instanceof Error ? error.message : String(error);
      logger.warn({ task, problem: text }, 'upkeep failed, and is tried again');
    };
  }
  return {
    event,
    problem,
    registration: registrationReports(options, metrics, event),
    renewed(what, why) {
      logger.info({ certificate: what, why }, 'certificate renewed');
      const note = `A new ${what} was made: ${why}.`;
      event({ type: 'Normal', reason: 'CertificateRenewed', action: 'Renew', note });
    },
    dropped() {
      logger.info('old authority dropped, since every replica serves the new leaf');
    },
    proved({ policy }, { outcome, detail }, turned) {
      metrics.canaries.inc({ outcome });
      metrics.failing.set(policy === 'Fail' ? 1 : 0);
      if (outcome !== 'passed') {
        logger.warn({ outcome, detail }, 'canary not denied');
      }
      if (turned) {
        logger.info({ failurePolicy: policy }, 'failure policy turned');
        event(turnedEvent(policy, detail));
      }
    },
  };
}

function turnedEvent(policy: 'Ignore' | 'Fail', detail: string): UpkeepEvent {
  return policy === 'Fail'
    ? {
        type: 'Normal',
        reason: 'FailurePolicyFail',
        action: 'Register',
        note: 'Canaries were denied: what cannot be judged is refused from now on.',
      }
    : {
        type: 'Warning',
        reason: 'FailurePolicyIgnore',
        action: 'Register',
        note: `Canaries failed: what cannot be judged is let through from now on. ${detail}`,
      };
}

function registrationReports(
  { logger, place }: UpkeepOptions,
  metrics: UpkeepMetrics,
  event: (event: UpkeepEvent) => void,
): RegistrationReports {
  let told = '';
  return {
    did(configuration, step) {
      metrics.writes.inc({ configuration, step });
      logger.info({ configuration, step }, 'registration written');
      if (step === 'undo') {
        const note = `${configuration} was edited from outside, which was undone: change meshgate's configuration instead.`;
        event({ type: 'Warning', reason: 'RegistrationEdited', action: 'Register', note });
      }
    },
    conflict(configuration) {
      metrics.conflicts.inc({ configuration });
    },
    deleted(names) {
      metrics.deleted.reset();
      for (const configuration of names) {
        metrics.deleted.set({ configuration }, 1);
      }
      if (names.join() !== told && names.length > 0) {
        const { namespace } = place.service;
        const restore = `kubectl -n ${namespace} annotate lease ${place.lease} ${registeredAnnotation}-`;
        const note = `${names.join(', ')} was deleted, and stays deleted. To register again: ${restore}`;
        logger.warn({ configurations: names, restore }, 'registration deleted by somebody');
        event({ type: 'Warning', reason: 'RegistrationDeleted', action: 'Register', note });
      }
      told = names.join();
    },
  };
}
