package tool

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"astromesh/runtime/tool/mcp/mcptest"
)

// The program of an MCP server gets its arguments, and runs in the folder that the
// file names.
func TestMCPProgramIsStartedAsWritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("left out on Windows: the test's server is started by sh; run it on Linux or macOS")
	}
	command, env := mcptest.Command(t, filepath.Join(t.TempDir(), "notes"))
	folder, pairs := t.TempDir(), map[string]any{}
	for k, v := range env {
		pairs[k] = v
	}
	r := opening(t, Declared{Type: "mcp", Name: "orders", Rest: map[string]any{
		"command": "sh", "args": []any{"-c", `echo "$1" >where; exec "$0"`, command, "as written"}, "cwd": folder, "env": pairs,
	}})
	if got, err := r.Call(t.Context(), "order_status", Call{Arguments: map[string]any{"order": "7"}}); err != nil || got != "Order 7 is on its way." {
		t.Errorf("%q, %v", got, err)
	}
	if b, err := os.ReadFile(filepath.Join(folder, "where")); err != nil || strings.TrimSpace(string(b)) != "as written" {
		t.Errorf("%q, %v", b, err)
	}
}
