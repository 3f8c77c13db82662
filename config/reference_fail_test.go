package config

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestReferenceCanFail breaks each rule of TestReferenceIsWhole once.
func TestReferenceCanFail(t *testing.T) {
	tests := readTests(t, fstest.MapFS{
		"a/a_test.go":               {Data: []byte("package a\n\nconst file = `spec: {shape: 1}`\n\nfunc TestShape(t *testing.T) { load(file, `a sentence`) }\n\nfunc TestRead(t *testing.T) { load(\"testdata/x.yaml\") }\n\nfunc TestFolder(t *testing.T) { all(\"samples\") }\n\nfunc load(s string) { use(\"depth\") }\n\nfunc all(string) {}\n")},
		"a/a.go":                    {Data: []byte("package a\n\nfunc TestNone() { use(colour) }\n")},
		"a/testdata/x.yaml":         {Data: []byte("spec: {size: 1}\n")},
		"a/testdata/samples/y.yaml": {Data: []byte("spec: {weight: 1}\n")},
	})
	page := "## The file\n\n| key of `spec` | means |\n|---|---|\n| `shape`, `size` | a `word` |\n\n| word of `spec.size` | |\n|---|---|\n| `tall` | |\n\ntext with `other`\n\n| other | |\n|---|---|\n| `no.key` | |\n\n## Others: `channels.yaml`\n\n| key of the file | |\n|---|---|\n| `top` | |\n"
	if got := strings.Join(namedOnPage(page), ", "); got != "spec.shape, spec.size, spec.size = tall, channels.yaml top" {
		t.Errorf("the page names %s", got)
	}
	for name, c := range map[string]struct {
		code, page []string
		proven     map[string]string
		want       string
	}{
		"all is well":             {[]string{"spec.shape"}, []string{"spec.shape"}, map[string]string{"spec.shape": "a TestShape"}, ""},
		"in its helper":           {[]string{"spec.depth"}, []string{"spec.depth"}, map[string]string{"spec.depth": "a TestShape"}, ""},
		"in a file that it reads": {[]string{"spec.size"}, []string{"spec.size"}, map[string]string{"spec.size": "a TestRead"}, ""},
		"in a file that is named": {[]string{"spec.weight"}, []string{"spec.weight"}, map[string]string{"spec.weight": "a TestFolder samples/y.yaml"}, ""},
		"a word":                  {[]string{"spec.x = shape"}, []string{"spec.x = shape"}, map[string]string{"spec.x = shape": "a TestShape"}, ""},
		"not on the page":         {[]string{"spec.shape"}, nil, map[string]string{"spec.shape": "a TestShape"}, "the page does not name spec.shape"},
		"no test":                 {[]string{"spec.shape"}, []string{"spec.shape"}, nil, "no test is named that exercises spec.shape"},
		"a test that is gone":     {[]string{"spec.shape"}, []string{"spec.shape"}, map[string]string{"spec.shape": "a TestGone"}, "spec.shape: there is no TestGone in a"},
		"not a test":              {[]string{"spec.depth"}, []string{"spec.depth"}, map[string]string{"spec.depth": "a load"}, "spec.depth: there is no load in a"},
		"not in a test file":      {[]string{"spec.colour"}, []string{"spec.colour"}, map[string]string{"spec.colour": "a TestNone"}, "spec.colour: there is no TestNone in a"},
		"another test":            {[]string{"spec.size"}, []string{"spec.size"}, map[string]string{"spec.size": "a TestShape"}, "spec.size: a TestShape does not hold it"},
		"a part of a word":        {[]string{"spec.hap"}, []string{"spec.hap"}, map[string]string{"spec.hap": "a TestShape"}, "spec.hap: a TestShape does not hold it"},
		"a file it does not read": {[]string{"spec.weight"}, []string{"spec.weight"}, map[string]string{"spec.weight": "a TestShape samples/y.yaml"}, "spec.weight: TestShape does not read samples/y.yaml"},
		"only in a sentence":      {[]string{"spec.sentence"}, []string{"spec.sentence"}, map[string]string{"spec.sentence": "a TestShape"}, "spec.sentence: a TestShape does not hold it"},
		"only on the page":        {nil, []string{"spec.ghost"}, nil, "the page names spec.ghost, which no file has"},
		"only in the table":       {nil, nil, map[string]string{"spec.ghost": "a TestShape"}, "a test is named for spec.ghost, which no file has"},
	} {
		if got := strings.Join(referenceFaults(c.code, c.page, c.proven, tests), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
