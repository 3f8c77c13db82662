package app

import (
	"os"
	"testing"

	"astromesh/runtime/tool/mcp/mcptest"
)

// runMain makes this test binary the program itself: a test starts it as a
// process of its own, and may kill it.
const runMain = "ASTROMESH_TEST_RUNS_MAIN"

func TestMain(m *testing.M) {
	mcptest.Main()
	if os.Getenv(runMain) != "" {
		os.Exit(Main())
	}
	os.Exit(m.Run())
}
