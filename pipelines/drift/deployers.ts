import type { FieldManager } from './managed-fields.ts';

/** A manager that brings Git into the cluster; any operation where none is named. */
export interface Deployer {
  readonly manager: string;
  readonly operation?: FieldManager['operation'];
}

/** The managers of usual deployers. `kubectl` alone is server-side apply; by Update it is a person's `kubectl scale`. */
export const usualDeployers: readonly Deployer[] = [
  { manager: 'argocd-controller' },
  { manager: 'argocd-application-controller' },
  { manager: 'kustomize-controller' },
  { manager: 'helm-controller' },
  { manager: 'helm' },
  { manager: 'kubectl-client-side-apply' },
  { manager: 'kubectl', operation: 'Apply' },
];

/** Whether an owner is one of the deployers. */
export type DeployerTest = (owner: FieldManager) => boolean;

/** Compiles the test. */
export function compileDeployers(deployers: readonly Deployer[]): DeployerTest {
  const operations = Map.groupBy(deployers, ({ manager }) => manager);
  return ({ manager, operation }) =>
    operations
      .get(manager)
      ?.some((deployer) => deployer.operation === undefined || deployer.operation === operation) ===
    true;
}
