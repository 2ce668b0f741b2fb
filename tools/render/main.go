// The renderer: the libraries of Kustomize and Helm behind two pipes, compiled to WebAssembly. It reads jobs as JSON
// lines, each with the files that it may see, and writes what comes of them as JSON lines. It needs no file, no
// environment, no socket and no process, and gets none.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
)

// Job is one thing to render. Only the fields of its kind are set.
type Job struct {
	Kind string `json:"kind"`
	// Texts and Binaries are the files by their path from the root of the tree.
	Texts    map[string]string `json:"texts"`
	Binaries map[string][]byte `json:"binaries"`

	// Path is the folder of the kustomization or of the chart.
	Path string `json:"path"`
	// Wrapper is a kustomization that is built in the place of the one at Path and has it among its resources.
	Wrapper string `json:"wrapper"`

	Helm     HelmJob     `json:"helm"`
	Template TemplateJob `json:"template"`
}

// Document is an object that was rendered, or the text of several, and the file that it is from.
type Document struct {
	Origin string          `json:"origin"`
	Object json.RawMessage `json:"object,omitempty"`
	Text   string          `json:"text,omitempty"`
}

type answer struct {
	Document *Document `json:"document,omitempty"`
	Error    string    `json:"error,omitempty"`
	Done     bool      `json:"done,omitempty"`
}

// Jobs are short and leave little behind, so garbage may pile up until the soft limit draws near, which lies below the
// maximum of the module's memory.
const (
	garbagePercent  = 400
	softMemoryLimit = 224 << 20
)

func main() {
	debug.SetGCPercent(garbagePercent)
	debug.SetMemoryLimit(softMemoryLimit)
	log.SetOutput(io.Discard)
	input := bufio.NewReaderSize(os.Stdin, 1<<16)
	output := bufio.NewWriterSize(os.Stdout, 1<<16)
	encoder := json.NewEncoder(output)
	encoder.SetEscapeHTML(false)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		documents, err := run(line)
		for _, document := range documents {
			_ = encoder.Encode(answer{Document: &document})
		}
		last := answer{Done: true}
		if err != nil {
			last.Error = err.Error()
		}
		_ = encoder.Encode(last)
		if output.Flush() != nil {
			return
		}
	}
}

func run(line []byte) (documents []Document, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			documents, err = nil, fmt.Errorf("the renderer failed: %v", problem)
		}
	}()
	var job Job
	if err := json.Unmarshal(line, &job); err != nil {
		return nil, err
	}
	switch job.Kind {
	case "kustomize":
		return kustomize(job)
	case "helm":
		return helm(job)
	case "template":
		return fillTemplate(job.Template)
	}
	return nil, fmt.Errorf("unknown kind of job %q", job.Kind)
}
