// Package rest stands in for the one of client-go: Helm's engine names it for `lookup`, which has no cluster here.
package rest

// Config would say where a cluster is.
type Config struct{}
