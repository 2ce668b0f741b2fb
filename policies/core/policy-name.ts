import type { Policy } from './policy.ts';

/** True where a name, a policy's id or a topic such as `drain/*`, covers the policy with this id. */
export function coversPolicy(name: string, policy: string): boolean {
  return name === policy || (name.endsWith('/*') && policy.startsWith(name.slice(0, -1)));
}

/** The names by which an exemption may call policies: every id, and every topic as `<topic>/*`. */
export function exemptibleNames<Mesh>(catalogue: readonly Policy<Mesh>[]): readonly string[] {
  const ids = catalogue.map((policy) => policy.id);
  const topics = ids.map((id) => `${id.slice(0, id.indexOf('/'))}/*`);
  return [...new Set([...ids, ...topics])];
}
