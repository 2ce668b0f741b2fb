import type { Server } from 'node:https';
import type { Logger } from '../../webhooks/admission/log.ts';
import type { AdmissionMetrics } from '../../webhooks/admission/metrics.ts';
import {
  loadTlsPair,
  serveTlsPair,
  watchTlsFiles,
  type TlsFiles,
} from '../../webhooks/admission/tls.ts';
import { validityOf, type Pair } from '../../webhooks/certificates/pair.ts';
import { provisionalPair } from '../../webhooks/certificates/renew.ts';
import { servedCertificate, type ServedCertificate } from '../../webhooks/certificates/served.ts';
import type { Clock } from '../../webhooks/clock.ts';
import { UsageError } from '../usage-error.ts';

/** What a server starts with: the pair of its files, or one that nobody trusts until the Secret has been read. */
export interface FirstCertificate {
  readonly pair: Pair;
  readonly files: TlsFiles | undefined;
}

/** What the certificate is told by. */
export interface CertificateTelling {
  readonly clock: Clock;
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  /** For all API servers to hear of a bundle. */
  readonly settleMilliseconds: number;
}

/** Loads the pair that a server starts with. Throws a UsageError where files are named that hold none. */
export async function loadCertificate(
  files: TlsFiles | undefined,
  now: number,
): Promise<FirstCertificate> {
  if (files === undefined) {
    return { pair: await provisionalPair(now), files };
  }
  try {
    return { pair: await loadTlsPair(files), files };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Has a server serve each certificate that it is offered, by its files where there are some. */
export function followCertificate(
  server: Server,
  { pair, files }: FirstCertificate,
  { clock, metrics, logger, settleMilliseconds }: CertificateTelling,
): ServedCertificate {
  const tellExpiry = ({ cert }: Pair): number => {
    const { to } = validityOf(cert);
    metrics.certificateExpiry.set(to / 1000);
    return to;
  };
  const held = (problem: string): void => {
    logger.error({ problem }, 'certificate not loaded, the old one stays');
  };
  const served = servedCertificate({
    clock,
    served: files === undefined ? undefined : pair,
    settleMilliseconds,
    load: (next) => {
      serveTlsPair(server, next);
    },
    loaded(next) {
      logger.info({ expires: new Date(tellExpiry(next)) }, 'certificate loaded');
    },
    held,
  });
  if (files === undefined) {
    return served;
  }
  tellExpiry(pair);
  const stopWatching = watchTlsFiles(files, pair, {
    loaded: (next) => {
      served.offer(next);
    },
    failed: held,
  });
  return {
    ...served,
    stop() {
      stopWatching();
      served.stop();
    },
  };
}
