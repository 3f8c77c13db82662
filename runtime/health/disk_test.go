package health

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLookAtDisk(t *testing.T) {
	dir := t.TempDir()
	d := LookAtDisk(dir)
	if d.WriteProblem != "" || d.Missing || d.FreeKnown && d.Free == 0 {
		t.Errorf("%+v", d)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	missing := filepath.Join(dir, "none")
	if d := LookAtDisk(missing); !d.Missing {
		t.Errorf("%+v", d)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("the look made the folder")
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{file, filepath.Join(file, "below")} {
		if d := LookAtDisk(wrong); d.WriteProblem == "" {
			t.Errorf("%s: %+v", wrong, d)
		}
	}
}
