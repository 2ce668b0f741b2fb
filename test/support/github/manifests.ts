/** A Deployment; with fewer than two replicas the policy of the tests has a finding on line 7. */
export function deployment(
  name: string,
  replicas: number,
  image = 'registry.example.com/app:1',
): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
spec:
  replicas: ${String(replicas)}
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
        - name: app
          image: ${image}
`;
}

/** One file with many findings, each on a line of its own. */
export function many(amount: number): string {
  return Array.from({ length: amount }, (_, index) => deployment(`d${String(index)}`, 1)).join(
    '---\n',
  );
}
