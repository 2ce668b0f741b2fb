module meshgate.dev/tools/crds

go 1.26.0

// Only the YAML files of these modules are read (tools/install/crds.ts); nothing imports them, so do not tidy.
require (
	istio.io/api v1.31.0
	sigs.k8s.io/gateway-api v1.6.0
)
