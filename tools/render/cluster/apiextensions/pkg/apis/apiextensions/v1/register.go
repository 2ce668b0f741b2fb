// Package v1 stands in for the types of CustomResourceDefinitions, which the renderer needs none of.
package v1

// AddToScheme registers nothing: the versions are among those that the scheme knows.
func AddToScheme(any) error { return nil }
