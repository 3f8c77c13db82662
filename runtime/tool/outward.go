package tool

import (
	"log/slog"

	"astromesh/runtime/tool/mcp"
	"astromesh/runtime/tool/outside"
)

// Outside is what the tools of all agents share on their way out of the program.
// Its zero value is the world, with MCP servers of each agent's own.
type Outside struct {
	Servers *mcp.Servers
	// Dial connects in the place of the guarded way out, for tests.
	Dial outside.Dial
}

// NewOutside lets agents that name the same MCP server share it. dial is for
// tests; nil = the world. Close must follow.
func NewOutside(log *slog.Logger, dial outside.Dial) Outside {
	return Outside{Servers: mcp.New(log, dial), Dial: dial}
}

// Close ends every MCP server.
func (o Outside) Close() { o.Servers.Close() }
