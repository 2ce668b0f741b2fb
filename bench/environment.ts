import { fileURLToPath } from 'node:url';

/** What the benches take from the environment. */
export interface BenchEnvironment {
  /** Path of the Envoy to run: MESHGATE_ENVOY, else where `npm run tools -- envoy` puts it. */
  readonly envoy: string;
  /** ISTIO_ORACLE: path of the binary with all of Istio, to compare with; undefined where it is not set. */
  readonly istioOracle: string | undefined;
  /** MESHGATE_PEPR: folder where Pepr is installed, to compare with; undefined where it is not set. */
  readonly pepr: string | undefined;
  /** Where programs are looked for. */
  readonly path: string;
}

/** Reads the environment; the only place of the benches that does. */
export function readBenchEnvironment(): BenchEnvironment {
  const installed = fileURLToPath(new URL('../tools/bin/envoy', import.meta.url));
  return {
    envoy: process.env['MESHGATE_ENVOY'] || installed,
    istioOracle: process.env['ISTIO_ORACLE'] || undefined,
    pepr: process.env['MESHGATE_PEPR'] || undefined,
    path: process.env['PATH'] ?? '',
  };
}
