import { listIn, stringIn } from '../core/json.ts';
import type { Resource } from '../core/resource.ts';

const nodeSelectorAnnotation = 'traffic.istio.io/nodeSelector';

/** Whether clients outside the cluster can be given an address of a Service. */
export function addressState(service: Resource): 'usable' | 'inside' | 'pending' {
  if (listIn(service.object, 'spec', 'externalIPs').length > 0) {
    return 'usable';
  }
  switch (stringIn(service.object, 'spec', 'type')) {
    case 'LoadBalancer':
      return hasLoadBalancer(service) || !isLive(service) ? 'usable' : 'pending';
    case 'NodePort':
      return Object.hasOwn(service.annotations, nodeSelectorAnnotation) ? 'usable' : 'inside';
    default:
      return 'inside';
  }
}

function hasLoadBalancer(service: Resource): boolean {
  return listIn(service.object, 'status', 'loadBalancer', 'ingress').some(
    (ingress) =>
      (stringIn(ingress, 'ip') ?? '') !== '' || (stringIn(ingress, 'hostname') ?? '') !== '',
  );
}

/** The API server gives a Service its cluster address, so one that has it runs, and one without is a manifest. */
function isLive(service: Resource): boolean {
  return (stringIn(service.object, 'spec', 'clusterIP') ?? '') !== '';
}
