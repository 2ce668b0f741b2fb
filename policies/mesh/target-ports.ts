import { listIn, numberIn, stringIn, valueIn, type Json } from '../core/json.ts';
import { appContainersOf, type Workload } from './workload.ts';

/**
 * The port of a workload's Pods that a Service port leads to: the target's number, the container port of that name,
 * or the Service port's own number. Undefined where the name is not among the containers' ports.
 */
export function workloadPort(servicePort: Json, workload: Workload): number | undefined {
  const target = valueIn(servicePort, 'targetPort');
  if (typeof target === 'number' && target !== 0) {
    return target;
  }
  if (typeof target !== 'string' || target === '') {
    return numberIn(servicePort, 'port');
  }
  if (/^\d+$/u.test(target)) {
    return Number(target);
  }
  for (const { container } of appContainersOf(workload)) {
    const named = listIn(container, 'ports').find((port) => stringIn(port, 'name') === target);
    if (named !== undefined) {
      return numberIn(named, 'containerPort');
    }
  }
  return undefined;
}
