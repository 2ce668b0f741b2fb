package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

// TemplateJob is a value whose texts are Go templates, filled once for each set of params as Argo CD fills the template
// of an ApplicationSet.
type TemplateJob struct {
	Value   any      `json:"value"`
	Params  []any    `json:"params"`
	Options []string `json:"options"`
}

const longestName = 253

var outsideNames = regexp.MustCompile(`[^-a-z0-9.]`)

func fillTemplate(job TemplateJob) ([]Document, error) {
	documents := []Document{}
	for _, params := range job.Params {
		filled, err := fill(job.Value, params, job.Options)
		if err != nil {
			return nil, err
		}
		object, err := json.Marshal(filled)
		if err != nil {
			return nil, err
		}
		documents = append(documents, Document{Object: object})
	}
	return documents, nil
}

func fill(value, params any, options []string) (any, error) {
	switch value := value.(type) {
	case string:
		return execute(value, params, options)
	case []any:
		filled := make([]any, len(value))
		for i, item := range value {
			var err error
			if filled[i], err = fill(item, params, options); err != nil {
				return nil, err
			}
		}
		return filled, nil
	case map[string]any:
		filled := make(map[string]any, len(value))
		for key, item := range value {
			name, err := execute(key, params, options)
			if err != nil {
				return nil, err
			}
			if filled[name], err = fill(item, params, options); err != nil {
				return nil, err
			}
		}
		return filled, nil
	}
	return value, nil
}

func execute(text string, params any, options []string) (string, error) {
	if !strings.Contains(text, "{{") {
		return text, nil
	}
	parsed, err := template.New("").Option(options...).Funcs(functions()).Parse(text)
	if err != nil {
		return "", fmt.Errorf("template %q: %w", text, err)
	}
	filled := strings.Builder{}
	if err := parsed.Execute(&filled, params); err != nil {
		return "", fmt.Errorf("template %q: %w", text, err)
	}
	return strings.ReplaceAll(filled.String(), "<no value>", ""), nil
}

// functions are those of Argo CD: Sprig without what reads the environment or the network, and five of its own.
func functions() template.FuncMap {
	known := sprig.GenericFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(known, name)
	}
	known["normalize"] = normalize
	known["slugify"] = func(args ...any) string { return normalize(fmt.Sprint(args[len(args)-1])) }
	known["toYaml"] = func(value any) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	known["fromYaml"] = func(text string) (value map[string]any, err error) {
		return value, yaml.Unmarshal([]byte(text), &value)
	}
	known["fromYamlArray"] = func(text string) (value []any, err error) {
		return value, yaml.Unmarshal([]byte(text), &value)
	}
	return known
}

func normalize(name string) string {
	name = outsideNames.ReplaceAllString(strings.ToLower(name), "-")
	if len(name) > longestName {
		name = name[:longestName]
	}
	return strings.Trim(name, "-.")
}
