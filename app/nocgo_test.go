package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Go builds without cgo where it finds no C compiler. The program then has no
// database, and says so in words instead of not building.
func TestBuiltWithoutACCompiler(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the whole program")
	}
	program := filepath.Join(t.TempDir(), "astromesh")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	serve := exec.CommandContext(t.Context(), program, "serve", "--data-dir", t.TempDir(), "--config-dir", t.TempDir())
	out, err := serve.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "install gcc") {
		t.Errorf("%v: %s", err, out)
	}
}
