package whatsapp

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"astromesh/runtime/channel"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before you commit it")

const ownAccount = "106540352242922"

// TestParseFiles holds each body of testdata/webhook against its golden file.
func TestParseFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/webhook/*.json")
	if err != nil || len(files) < 80 {
		t.Fatalf("found %d files, error %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".golden.json") {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			batch, err := Parse(body, ownAccount)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, strings.TrimSuffix(file, ".json")+".golden.json", batch)
		})
	}
}

func compareGolden(t *testing.T, file string, batch channel.Batch) {
	t.Helper()
	got, err := json.MarshalIndent(batch, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("differs from %s:\n%s", file, got)
	}
}
