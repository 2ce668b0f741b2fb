import dompurify from 'dompurify';

/** A flowchart as Mermaid's own parser reads it. */
export interface ReadFlowchart {
  readonly nodes: readonly {
    readonly id: string;
    readonly text: string;
    readonly classes: readonly string[];
    readonly link: string | undefined;
  }[];
  readonly links: readonly {
    readonly from: string;
    readonly to: string;
    readonly text: string;
    readonly stroke: string;
  }[];
}

interface FlowDatabase {
  getVertices(): ReadonlyMap<
    string,
    { id: string; text?: string; classes: readonly string[]; link?: string }
  >;
  getEdges(): readonly { start: string; end: string; text: string; stroke: string }[];
}

/**
 * Reads a flowchart with Mermaid's parser as GitHub runs it (`securityLevel: strict`), but for the sanitizer of labels,
 * which needs a browser. Rejects with Mermaid's error where the text is no flowchart.
 */
export async function readFlowchart(text: string): Promise<ReadFlowchart> {
  const unchanged = {
    addHook: () => undefined,
    sanitize: (label: unknown) => String(label),
  };
  Object.assign(dompurify, unchanged);
  const { default: mermaid } = await import('mermaid');
  mermaid.initialize({ securityLevel: 'strict' });
  const parsed = await mermaid.parse(text);
  if (!parsed.diagramType.startsWith('flowchart')) {
    throw new Error(`a ${parsed.diagramType}, no flowchart`);
  }
  // oxlint-disable-next-line typescript/no-deprecated -- nothing else reads a diagram without drawing it
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const flow = db as unknown as FlowDatabase;
  return {
    nodes: [...flow.getVertices().values()].map((node) => ({
      id: node.id,
      text: plain(node.text ?? ''),
      classes: node.classes,
      link: node.link,
    })),
    links: flow.getEdges().map(({ start, end, text: label, stroke }) => ({
      from: start,
      to: end,
      text: plain(label),
      stroke,
    })),
  };
}

/** Character codes as Mermaid keeps them until it draws: `#35;` as `ﬂ°°35¶ß`. */
function plain(text: string): string {
  return text.replaceAll(/ﬂ°°(\d+)¶ß/gu, (_, code: string) => String.fromCodePoint(Number(code)));
}
