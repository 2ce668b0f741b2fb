package main

import (
	"encoding/json"
	"path"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const (
	treeFolder       = "/tree"
	wrapperFolder    = "/wrapper"
	originAnnotation = "config.kubernetes.io/origin"
)

// kustomize builds the wrapper, which asks for the origin of each object.
func kustomize(job Job) ([]Document, error) {
	files := filesys.MakeFsInMemory()
	for name, text := range job.Texts {
		if err := files.WriteFile(path.Join(treeFolder, name), []byte(text)); err != nil {
			return nil, err
		}
	}
	for name, content := range job.Binaries {
		if err := files.WriteFile(path.Join(treeFolder, name), content); err != nil {
			return nil, err
		}
	}
	if err := files.WriteFile(wrapperFolder+"/kustomization.yaml", []byte(job.Wrapper)); err != nil {
		return nil, err
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, wrapperFolder)
	if err != nil {
		return nil, err
	}
	documents := make([]Document, 0, built.Size())
	for _, resource := range built.Resources() {
		document := Document{}
		if origin, err := resource.GetOrigin(); err == nil && origin != nil {
			document.Origin = origin.Path
			if document.Origin == "" {
				document.Origin = origin.ConfiguredIn
			}
			document.Origin = strings.TrimPrefix(path.Join(wrapperFolder, document.Origin), treeFolder+"/")
		}
		if document.Object, err = objectOf(resource); err != nil {
			return nil, err
		}
		documents = append(documents, document)
	}
	return documents, nil
}

// objectOf gives a resource as JSON, without the origin that was asked for.
func objectOf(resource *resource.Resource) (json.RawMessage, error) {
	object := map[string]any{}
	if err := resource.YNode().Decode(&object); err != nil {
		return nil, err
	}
	if metadata, isMap := object["metadata"].(map[string]any); isMap {
		if annotations, isMap := metadata["annotations"].(map[string]any); isMap {
			delete(annotations, originAnnotation)
			if len(annotations) == 0 {
				delete(metadata, "annotations")
			}
		}
	}
	return json.Marshal(object)
}
