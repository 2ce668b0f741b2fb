import { describeReference } from '../../policies/core/resource.ts';
import { isMeshObject, type ObjectChange } from '../compare/changes.ts';
import { diffBlock } from './markdown-diff.ts';
import type { Item } from './markdown-sections.ts';
import { codeSpan, htmlCode } from './markdown-text.ts';

/** The mesh objects of a list of changes, each with its diff folded; the others as counts by kind. */
export function changeItems(
  changes: readonly ObjectChange[],
  rootNamespace: string,
): readonly Item[] {
  const mesh = changes.filter(({ object }) => isMeshObject(object, rootNamespace));
  const others = changes.filter(({ object }) => !isMeshObject(object, rootNamespace));
  return [...mesh.map(changeItem), ...countsByKind(others)];
}

function changeItem(change: ObjectChange): Item {
  const name = describeReference(change.object);
  const what = describeChange(change);
  return {
    brief: `- ${codeSpan(name)} ${what(codeSpan)}`,
    full: () => folded(`${htmlCode(name)} ${what(htmlCode)}`, change),
  };
}

function folded(summary: string, { fields }: ObjectChange): string {
  if (fields.length === 0) {
    return `\n<details><summary>${summary}</summary></details>\n`;
  }
  return `\n<details><summary>${summary}</summary>\n\n${diffBlock(fields)}\n\n</details>\n`;
}

function describeChange({
  change,
  previousName,
  fields,
}: ObjectChange): (code: (text: string) => string) => string {
  const count = fields.length === 1 ? ': 1 field' : `: ${String(fields.length)} fields`;
  return (code) => {
    switch (change) {
      case 'changed':
        return `changed${count}`;
      case 'renamed':
        return `renamed from ${code(previousName ?? '')}${fields.length === 0 ? '' : count}`;
      default:
        return change;
    }
  };
}

function countsByKind(changes: readonly ObjectChange[]): readonly Item[] {
  const counts = new Map<string, Map<ObjectChange['change'], number>>();
  for (const { object, change } of changes) {
    const ofKind = counts.get(object.kind) ?? new Map<ObjectChange['change'], number>();
    ofKind.set(change, (ofKind.get(change) ?? 0) + 1);
    counts.set(object.kind, ofKind);
  }
  return [...counts].map(([kind, ofKind]) => {
    const text = [...ofKind].map(([change, count]) => `${String(count)} ${change}`).join(', ');
    const line = `- ${codeSpan(kind)}: ${text}`;
    return { brief: line, full: () => line };
  });
}
