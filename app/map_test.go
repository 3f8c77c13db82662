package app

import (
	"io/fs"
	"os"
	"regexp"
	"testing"
)

// TestMap holds the map to the tree: each file that runtime/doc.go names is there.
func TestMap(t *testing.T) {
	tree := os.DirFS("..")
	text, err := fs.ReadFile(tree, "runtime/doc.go")
	if err != nil {
		t.Fatalf("read the map: %v", err)
	}
	named := regexp.MustCompile(`[a-z_]+(/[a-z_]+)+\.go`).FindAllString(string(text), -1)
	if len(named) < 15 {
		t.Fatalf("the map names %d files, and it has 15 steps", len(named))
	}
	for _, name := range named {
		if _, err := fs.Stat(tree, name); err != nil {
			t.Errorf("the map names a file that is not there: %v", err)
		}
	}
}
