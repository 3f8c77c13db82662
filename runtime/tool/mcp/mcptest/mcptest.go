// Package mcptest is a real MCP server for tests, made with the official SDK: as
// a program that a test binary becomes when it is started again, and at an
// address. Besides useful tools it has some that misbehave.
package mcptest

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// runs makes a test binary this server.
	runs = "ASTROMESH_TEST_RUNS_MCP"
	// notes names the file that the tool note writes to.
	notes = "MCPTEST_NOTES"
)

// Main is the server, spoken to over standard input and output, where the test
// binary was started as one by [Command]; it does not return then. TestMain calls
// it first.
func Main() {
	if os.Getenv(runs) == "" {
		return
	}
	err := Server().Run(context.Background(), &sdk.StdioTransport{})
	if err != nil && !errors.Is(err, context.Canceled) {
		os.Exit(1)
	}
	os.Exit(0)
}

// Command is how this test binary is started as a server: the keys command and
// env of a file. The tool note writes to the file of this name, one line a call.
func Command(t testing.TB, noted string) (command string, env map[string]string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self, map[string]string{runs: "1", notes: noted, "MCPTEST_KEY": "sesame-of-the-file"}
}

// Listen serves at an address, by the transport of today or, with sse, of before.
func Listen(t testing.TB, sse bool) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(Handler(sse))
	t.Cleanup(func() {
		s.CloseClientConnections() // a client holds one open to hear of changes
		s.Close()
	})
	return s
}
