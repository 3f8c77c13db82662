package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"astromesh/runtime/tool/mcp/mcptest"
)

// An MCP server is there before the first customer writes, goes on through a
// reload that leaves it as it was, and ends with the program.
func TestMCPServerAcrossReloads(t *testing.T) {
	r := newRig(t, rigOptions{})
	started := filepath.Join(t.TempDir(), "started")
	r.env["MCP"], _ = mcptest.Command(t, "")
	r.env["STARTED"] = started
	const tools = `  tools:
    - type: mcp
      name: orders
      command: sh
      args: ["-c", 'echo $$ >> "$STARTED"; exec "$MCP"']
      env: {ASTROMESH_TEST_RUNS_MCP: "1", STARTED: "${STARTED}", MCP: "${MCP}"}
      tools: [order_status]
`
	pids := func() []string {
		b, err := os.ReadFile(started)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return strings.Fields(string(b))
	}
	r.write("agents/shop.agent.yaml", testAgent+tools)
	r.until("the server, which nobody has asked for yet", func() bool { return len(pids()) == 1 })
	before, _ := r.app.agents.Get("shop")
	r.write("agents/shop.agent.yaml", strings.Replace(testAgent, "shop's assistant", "shop's best assistant", 1)+tools)
	r.until("the reload", func() bool { a, _ := r.app.agents.Get("shop"); return a != nil && a.Version > before.Version })
	if after, _ := r.app.agents.Get("shop"); len(after.Prepare(r.ctx)) > 0 {
		t.Error("the server is not there after the reload")
	}
	if got := pids(); len(got) != 1 {
		t.Fatalf("it was started as %v", got)
	}
	r.stop()
	r.until("its end", func() bool {
		stat, err := os.ReadFile("/proc/" + pids()[0] + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}
