package config

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"
)

const (
	referencePage = "../docs/agent-yaml.md"
	provenKeys    = "testdata/reference/tests.yaml"
)

// TestReferenceIsWhole holds docs/agent-yaml.md against the code: the page names
// every key and every word that a file may have, and no others, and of each
// testdata/reference/tests.yaml says which test shows that it works.
func TestReferenceIsWhole(t *testing.T) {
	proven := map[string]string{}
	if err := yaml.Unmarshal(readFile(t, provenKeys), &proven); err != nil {
		t.Fatal(err)
	}
	page := namedOnPage(string(readFile(t, referencePage)))
	for _, fault := range referenceFaults(codeKeys(t), page, proven, readTests(t, os.DirFS(".."))) {
		t.Error(fault)
	}
}
