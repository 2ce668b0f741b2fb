import { expect, test } from '@jest/globals';
import type { Example } from '../../../policies/core/policy.ts';
import { acceptedServiceEntryExamples } from '../../../policies/rules/egress/accepted-service-entry.examples.ts';
import { sniPassthroughChain } from '../../../policies/rules/egress/sni-passthrough-chain.ts';
import { describeWith } from '../../support/describe-with.ts';
import { resourcesOf } from '../../support/examples.ts';
import { complaintsOf, findOracle, xdsOf } from '../../support/oracle.ts';
import { outboundChains } from '../../support/outbound-chains.ts';
import { asYaml, clientPod, namespaceObject } from '../../support/witness-mesh.ts';

const oracle = findOracle();
const program = 'program' in oracle ? oracle.program : '';
const missing = 'missing' in oracle ? oracle.missing : undefined;
const isAccepted = (example: Example): boolean =>
  example.expect.every((expected) => expected.startsWith('no-ports'));

/** All objects of some examples in one stream, each under a name that tells its example. */
function together(examples: readonly Example[]): string {
  return asYaml(
    examples.flatMap(({ yaml }, index) =>
      resourcesOf(yaml)
        .filter(({ apiVersion }) => apiVersion.includes('istio.io'))
        .map(({ object, name, namespace }) => ({
          ...object,
          metadata: { name: `example-${String(index)}-${name}`, namespace },
        })),
    ),
  );
}

describeWith(missing, "Istio's validation", () => {
  test('takes the entries in which the policy finds nothing', async () => {
    const good = acceptedServiceEntryExamples.filter(isAccepted);
    expect(await complaintsOf(program, together(good))).toEqual([]);
  });

  test('complains of every entry in which it finds something', async () => {
    const bad = acceptedServiceEntryExamples.filter((example) => !isAccepted(example));
    for (const example of bad) {
      expect(await complaintsOf(program, together([example]))).not.toEqual([]);
    }
  });

  test('refuses server names and tls blocks as the policy says', async () => {
    const refused = sniPassthroughChain.examples.filter(({ observed }) =>
      observed?.startsWith('istioctl'),
    );
    expect(refused.length).toBeGreaterThan(2);
    for (const example of refused) {
      expect(await complaintsOf(program, together([example]))).toHaveLength(example.expect.length);
    }
  });
});

describeWith(missing, 'an entry without ports', () => {
  test('makes neither a listener nor a cluster', async () => {
    const example = acceptedServiceEntryExamples.find(({ expect: expected }) =>
      expected.some((message) => message.startsWith('no-ports')),
    );
    const objects = resourcesOf(example?.yaml ?? '').map(({ object }) => object);
    const yaml = asYaml([namespaceObject('shop'), clientPod('shop', 0), ...objects]);
    const xds = await xdsOf(program, 'shop/client', yaml);
    expect(outboundChains(xds)).toEqual([]);
    expect(JSON.stringify(xds.clusters)).not.toContain('partner.example.com');
  });
});
