import { afterAll } from '@jest/globals';
import { renderInstall, type InstallRequest } from '../../cli/install/render-install.ts';
import { createRenderer, usualLimits } from '../../pipelines/render/wasm-renderer.ts';

const renderer = createRenderer({ ...usualLimits, workers: 1, jobMilliseconds: 60_000 });
afterAll(() => renderer.close());

/** An object that the chart makes. */
export interface ChartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames?: readonly string[];
    readonly verbs: readonly string[];
  }[];
  readonly [field: string]: unknown;
}

/** What `meshgate install` makes with these values, as `--set` takes them. Throws with what it complains of. */
export async function chartObjects(
  set: readonly string[] = [],
  request: Partial<InstallRequest> = {},
): Promise<readonly ChartObject[]> {
  const usual = { namespace: 'meshgate-system', release: 'meshgate', values: [], setString: [] };
  const text = await renderInstall({ ...usual, ...request, set, output: 'json' }, renderer);
  return (JSON.parse(text) as { readonly items: readonly ChartObject[] }).items;
}

/** The object of a kind, by its name where there are several. Throws where there is none. */
export function objectOf(
  objects: readonly ChartObject[],
  kind: string,
  name?: string,
): ChartObject {
  const found = objects.find(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found === undefined) throw new Error(`the chart makes no ${kind} ${name ?? ''}`);
  return found;
}
