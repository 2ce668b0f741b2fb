import type { Json, JsonObject } from '../../policies/core/json.ts';

/** The files that a job may see, by path from the root of the tree; what is no UTF-8 text as Base64. */
export interface JobFiles {
  readonly texts: Readonly<Record<string, string>>;
  readonly binaries: Readonly<Record<string, string>>;
}

/** Builds a kustomization that has the tree's one among its resources, as `../tree/<folder>`. */
export interface KustomizeJob extends JobFiles {
  readonly kind: 'kustomize';
  /** The kustomization that wraps it, as YAML or JSON. */
  readonly wrapper: string;
}

/** Renders a chart as `helm template` does. */
export interface HelmJob extends JobFiles {
  readonly kind: 'helm';
  /** The chart's folder. */
  readonly path: string;
  readonly helm: {
    readonly release: string;
    readonly namespace: string;
    /** YAML texts; later ones win. */
    readonly values: readonly string[];
    readonly sets: readonly HelmSet[];
    readonly kubeVersion: string;
    readonly apiVersions: readonly string[];
    readonly skipSchema: boolean;
  };
}

/** A value by its path, as `helm --set` takes it. */
export interface HelmSet {
  readonly name: string;
  readonly value: string;
  readonly string: boolean;
}

/** Fills the Go templates in a value's texts, once for each set of params. */
export interface TemplateJob {
  readonly kind: 'template';
  readonly template: {
    readonly value: JsonObject;
    readonly params: readonly JsonObject[];
    readonly options: readonly string[];
  };
}

/** What the renderer can be asked for. */
export type RenderJob = KustomizeJob | HelmJob | TemplateJob;

/** An object that was rendered, or the text of a template, and the file that it is from. */
export interface RenderedDocument {
  readonly origin: string;
  readonly object?: JsonObject;
  readonly text?: string;
}

/** What came of a job. */
export type Rendering =
  | { readonly documents: readonly RenderedDocument[] }
  | {
      readonly problem: string;
      /** The renderer was ended: on another machine, or at another hour, it might not have been. */
      readonly ended?: true;
    };

const longestProblem = 2000;
/** What Kustomize says of the kustomization that we put around the tree's. */
const wrapped =
  /^accumulating resources: accumulation err='accumulating resources from '[^']*': '[^']*' must resolve to a file': (?:couldn't make target for path '[^']*': |recursed accumulation of path '[^']*': )?/u;

/** Reads the lines that the renderer wrote for a job. */
export function readRendering(lines: string): Rendering {
  const documents: RenderedDocument[] = [];
  for (const line of lines.split('\n')) {
    const answer = readAnswer(line);
    if (answer === undefined) {
      return { problem: 'the renderer gave no answer that can be read', ended: true };
    }
    if (answer.document !== undefined) {
      documents.push(answer.document);
    }
    if (answer.error !== undefined) {
      return { problem: shorten(answer.error) };
    }
  }
  return { documents };
}

function readAnswer(line: string): Answer | undefined {
  try {
    return line === '' ? {} : (JSON.parse(line) as Answer);
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly document?: RenderedDocument;
  readonly error?: string;
  readonly done?: Json;
}

/** Kustomize prints some structures by where they lie in memory, which is elsewhere each time. */
const address = /\b0x[\da-f]{5,16}\b/gu;

/** What a renderer says in words of the repository: without the folders in which it saw it, and the same each time. */
function shorten(complaint: string): string {
  const text = complaint
    .replace(wrapped, '')
    .replaceAll(/\/tree\/|\.\.\/tree\//gu, '')
    .replaceAll(address, '0x...');
  return text.length > longestProblem ? `${text.slice(0, longestProblem)} ...` : text;
}
