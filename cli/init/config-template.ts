import { settingsApiVersion, settingsKind } from '../../policies/core/settings-schema.ts';
import type { MeshPolicy } from '../../policies/mesh/mesh.ts';
import { paramDocs } from '../params.ts';

/** A configuration that changes nothing, with everything that can be set in comments. */
export function configTemplate(policies: readonly MeshPolicy[]): string {
  return `# The configuration of meshgate. What is commented out is the default or an example.
apiVersion: ${settingsApiVersion}
kind: ${settingsKind}

# Facts about the mesh that manifests cannot tell.
mesh:
  # istioVersion: '1.31'
  # Whether injected sidecars are native (init containers): true, false or auto.
  # nativeSidecars: auto
  # The time until the slowest client has dropped an endpoint.
  # propagationTime: 5s
  # The namespace of mesh-wide settings.
  # rootNamespace: istio-system

# A mode is off, audit, warn or enforce: one for all gates, or { admission: warn, review: enforce, drift: enforce }.
policies:
${policies.map(policySection).join('\n')}

# Other settings for some objects; later scopes win.
scopes: []
  # - name: staging
  #   match: { namespaces: [staging-*] }
  #   policies:
  #     ${policies[0]?.id ?? 'topic/policy'}: { mode: warn }

# Findings that somebody has accepted, with the reason. An expired one is itself a finding.
exemptions: []
  # - policy: ${policies[0]?.id ?? 'topic/policy'}
  #   match: { namespaces: [shop], names: [ledger] }
  #   reason: moved to the new cluster by then
  #   expires: '2027-01-31'

# Where authors may exempt their own objects with the annotation meshgate.dev/exempt: "<policy>: <reason>".
annotationExemptions:
  namespaces: []

admission:
  # Fill in on Pods what is absent.
  fill: true

files:
  # Globs of paths that are not read.
  ignore: []
`;
}

function policySection(policy: MeshPolicy): string {
  const params = paramDocs(policy).flatMap(({ name, description, fallback }) => [
    ...(description === '' ? [] : [`  #     # ${description.replaceAll('\n', ' ')}`]),
    fallback === undefined
      ? `  #     # ${name}: has no default`
      : `  #     ${name}: ${JSON.stringify(fallback)}`,
  ]);
  return [
    `  # ${policy.title}.`,
    `  # ${policy.id}:`,
    '  #   mode: enforce',
    ...(params.length === 0 ? [] : ['  #   params:', ...params]),
  ].join('\n');
}
