package main

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

// HelmJob says how the chart at the job's path is released.
type HelmJob struct {
	Release   string `json:"release"`
	Namespace string `json:"namespace"`
	// Values are YAML texts; later ones win.
	Values []string `json:"values"`
	// Sets win over Values.
	Sets        []Set    `json:"sets"`
	KubeVersion string   `json:"kubeVersion"`
	APIVersions []string `json:"apiVersions"`
	SkipSchema  bool     `json:"skipSchema"`
}

// Set is a value by its path, as `helm --set` takes it.
type Set struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	String bool   `json:"string"`
}

// helm renders a chart as `helm template` does: without CRDs, with an empty `lookup`.
func helm(job Job) ([]Document, error) {
	options := job.Helm
	if err := chartutil.ValidateReleaseName(options.Release); err != nil {
		return nil, fmt.Errorf("release name %q: %w", options.Release, err)
	}
	loaded, err := loader.LoadFiles(chartFiles(job))
	if err != nil {
		return nil, err
	}
	capabilities, err := capabilitiesOf(options)
	if err != nil {
		return nil, err
	}
	if err := checkChart(loaded, capabilities); err != nil {
		return nil, err
	}
	values, err := mergeValues(options)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(loaded, values); err != nil {
		return nil, err
	}
	release := chartutil.ReleaseOptions{
		Name: options.Release, Namespace: options.Namespace, Revision: 1, IsInstall: true,
	}
	all, err := chartutil.ToRenderValuesWithSchemaValidation(loaded, values, release, capabilities, options.SkipSchema)
	if err != nil {
		return nil, err
	}
	rendered, err := engine.Render(loaded, all)
	if err != nil {
		return nil, err
	}
	return rendering(loaded.Name(), rendered), nil
}

func chartFiles(job Job) []*loader.BufferedFile {
	prefix := job.Path + "/"
	if job.Path == "." {
		prefix = ""
	}
	files := []*loader.BufferedFile{}
	for name, text := range job.Texts {
		files = append(files, &loader.BufferedFile{Name: strings.TrimPrefix(name, prefix), Data: []byte(text)})
	}
	for name, content := range job.Binaries {
		files = append(files, &loader.BufferedFile{Name: strings.TrimPrefix(name, prefix), Data: content})
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name < files[j].Name })
	return files
}

func capabilitiesOf(options HelmJob) (*chartutil.Capabilities, error) {
	version, err := chartutil.ParseKubeVersion(options.KubeVersion)
	if err != nil {
		return nil, fmt.Errorf("Kubernetes version %q: %w", options.KubeVersion, err)
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	known := append(chartutil.VersionSet{}, capabilities.APIVersions...)
	capabilities.APIVersions = append(known, options.APIVersions...)
	return capabilities, nil
}

func checkChart(loaded *chart.Chart, capabilities *chartutil.Capabilities) error {
	metadata := loaded.Metadata
	if metadata.Type == "library" {
		return fmt.Errorf("library charts are not installable")
	}
	if metadata.KubeVersion != "" && !chartutil.IsCompatibleRange(metadata.KubeVersion, capabilities.KubeVersion.String()) {
		return fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
			metadata.KubeVersion, capabilities.KubeVersion.Version)
	}
	missing := []string{}
	for _, wanted := range metadata.Dependencies {
		if !hasDependency(loaded, wanted.Name) {
			missing = append(missing, wanted.Name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("found in Chart.yaml, but missing in charts/ directory: %s", strings.Join(missing, ", "))
	}
	return nil
}

func hasDependency(loaded *chart.Chart, name string) bool {
	for _, vendored := range loaded.Dependencies() {
		if vendored.Name() == name {
			return true
		}
	}
	return false
}

func mergeValues(options HelmJob) (map[string]any, error) {
	merged := map[string]any{}
	for _, text := range options.Values {
		values := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &values); err != nil {
			return nil, fmt.Errorf("values: %w", err)
		}
		merged = mergeMaps(merged, values)
	}
	for _, set := range options.Sets {
		parse := strvals.ParseInto
		if set.String {
			parse = strvals.ParseIntoString
		}
		if err := parse(set.Name+"="+set.Value, merged); err != nil {
			return nil, fmt.Errorf("parameter %s: %w", set.Name, err)
		}
	}
	return merged, nil
}

func mergeMaps(under, over map[string]any) map[string]any {
	merged := make(map[string]any, len(under)+len(over))
	for key, value := range under {
		merged[key] = value
	}
	for key, value := range over {
		upper, isMap := value.(map[string]any)
		lower, wasMap := merged[key].(map[string]any)
		if isMap && wasMap {
			merged[key] = mergeMaps(lower, upper)
		} else {
			merged[key] = value
		}
	}
	return merged
}

// rendering gives the texts of the templates in a stable order, each with its path below the chart.
func rendering(chartName string, rendered map[string]string) []Document {
	documents := []Document{}
	for name, text := range rendered {
		base := path.Base(name)
		if strings.TrimSpace(text) == "" || base == "NOTES.txt" || strings.HasPrefix(base, "_") {
			continue
		}
		documents = append(documents, Document{Origin: strings.TrimPrefix(name, chartName+"/"), Text: text})
	}
	sort.Slice(documents, func(i, j int) bool { return documents[i].Origin < documents[j].Origin })
	return documents
}
