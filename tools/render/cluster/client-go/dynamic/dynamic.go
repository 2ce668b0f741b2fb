// Package dynamic stands in for the one of client-go.
package dynamic

import (
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

// Object would be one of a cluster's.
type Object struct{}

// UnstructuredContent is empty, as `lookup` is without a cluster.
func (*Object) UnstructuredContent() map[string]any { return map[string]any{} }

// ResourceInterface is what Helm's engine asks for objects.
type ResourceInterface interface {
	Get(ctx context.Context, name string, options metav1.GetOptions, subresources ...string) (*Object, error)
	List(ctx context.Context, options metav1.ListOptions) (*Object, error)
}

// NamespaceableResourceInterface is the same for all namespaces and for one.
type NamespaceableResourceInterface interface {
	ResourceInterface
	Namespace(string) ResourceInterface
}

// Client asks no cluster anything.
type Client struct{}

// NewForConfig always fails.
func NewForConfig(*rest.Config) (*Client, error) {
	return nil, errors.New("there is no cluster to ask")
}

// Resource is never reached.
func (*Client) Resource(schema.GroupVersionResource) NamespaceableResourceInterface { return nil }
