/** A program of Pepr that fills in and judges what ours does for the bench's Pods. Its arguments: where Pepr is, and the port. */
export const peprModule = `const [, , pepr, port] = process.argv;
const { a, Capability, PeprModule } = require(pepr);

const drain = new Capability({ name: 'drain', description: 'Drains', namespaces: ['peer'] });
drain
  .When(a.Pod)
  .IsCreated()
  .Mutate((request) => {
    request.SetAnnotation('proxy.istio.io/config', 'terminationDrainDuration: 120s\\n');
    request.Raw.spec.terminationGracePeriodSeconds = 125;
  })
  .Validate((request) =>
    request.Raw.spec.terminationGracePeriodSeconds >= 125
      ? request.Approve()
      : request.Deny('the grace period is too short'),
  );

new PeprModule(
  {
    description: 'bench',
    pepr: { uuid: 'bench', onError: 'reject', alwaysIgnore: { namespaces: [] } },
  },
  [drain],
  { deferStart: true },
).start(Number(port));
`;
