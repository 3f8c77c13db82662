package tool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"astromesh/runtime/model"
	"astromesh/runtime/tool/mcp"
	"astromesh/runtime/tool/outside"
)

// maxWords is how much of a server's description of a tool a model reads, in
// bytes: it costs time with every message.
const maxWords = 1000

// mcpServer is an entry of type mcp: the tools of one server.
type mcpServer struct {
	declared Declared
	setup    mcp.Setup
	pool     *mcp.Servers
	only     []string // names to offer; empty = all
	secrets  []string

	mu      sync.Mutex
	server  *mcp.Server // nil while nobody uses it
	changed int         // of the server, when its tools were listed
}

// mcpTool is one tool of a server.
type mcpTool struct {
	spec   model.ToolSpec
	name   string // as the server calls it
	server *mcpServer
}

func makeMCP(d Declared, src Sources) (Made, error) {
	s, err := settingsOf(d)
	if err != nil {
		return Made{}, err
	}
	m := &mcpServer{declared: d, pool: src.Servers, setup: mcp.Setup{Name: d.Name}}
	if d.Name == "" {
		return Made{}, errNoName
	}
	if err := m.read(s); err != nil {
		return Made{}, err
	}
	limit, err := s.limit()
	if err != nil {
		return Made{}, err
	}
	return Made{Open: m.open, Close: m.close, Stale: m.stale, Prefix: fitting(d.Name), Limit: limit}, nil
}

// read takes the setup from the file.
func (m *mcpServer) read(s settings) (err error) {
	var headers http.Header
	var problems []error
	note := func(err error) { problems = append(problems, err) }
	text := func(key string) string { v, err := s.text(key); note(err); return v }
	m.setup.Command, m.setup.URL, m.setup.Dir = text("command"), text("url"), text("cwd")
	m.setup.Args, err = s.list("args")
	note(err)
	m.setup.Env, err = s.pairs("env")
	note(err)
	headers, err = s.headers()
	note(err)
	for _, key := range []string{"tools", "include"} {
		names, err := s.list(key)
		note(err)
		m.only = append(m.only, names...)
	}
	way := text("transport")
	if err := errors.Join(problems...); err != nil {
		return err
	}
	m.setup.Headers = map[string]string{}
	for name := range headers {
		m.setup.Headers[name] = headers.Get(name)
	}
	m.secrets = append(secretsOf(headers), slices.Collect(maps.Values(m.setup.Env))...)
	return m.transport(way)
}

// transport holds the word of a file against what else it says.
func (m *mcpServer) transport(way string) error {
	program, address := m.setup.Command != "", m.setup.URL != ""
	way = strings.ToLower(strings.ReplaceAll(way, "-", "_"))
	switch {
	case program && address:
		return errors.New("it has both a command and a url; keep one")
	case !program && !address:
		return errors.New("it has neither a command nor a url")
	case way == "stdio" && address:
		return errors.New("its transport is stdio, which needs a command in the place of the url")
	case way != "" && way != "stdio" && program:
		return fmt.Errorf("its transport is %s, which needs a url in the place of the command", clip(way, 30))
	case !slices.Contains([]string{"", "stdio", "http", "streamable_http", "sse"}, way):
		return fmt.Errorf("%q is not a transport: it is stdio, http or sse", clip(way, 30))
	}
	m.setup.SSE = way == "sse"
	if !address {
		return nil
	}
	u, err := outside.Address(m.setup.URL)
	if err != nil {
		return fmt.Errorf("its url cannot be used: %w", err)
	}
	m.setup.URL = u.String()
	return nil
}

// use gives the server, and takes it from the pool the first time.
func (m *mcpServer) use() *mcp.Server {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.server == nil {
		m.server = m.pool.Use(m.setup)
	}
	return m.server
}

// open connects and lists the tools.
func (m *mcpServer) open(ctx context.Context) ([]Tool, error) {
	server := m.use()
	changed := server.Changed()
	offered, err := server.Tools(ctx)
	var fault *mcp.Fault
	if errors.As(err, &fault) {
		return nil, errors.New(fault.Owner)
	}
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.changed = max(changed, 1) // connecting is the first change
	m.mu.Unlock()
	var tools []Tool
	for _, t := range offered {
		if len(m.only) > 0 && !slices.Contains(m.only, t.Name) {
			continue
		}
		words := t.Description
		if words == "" {
			words = m.declared.Description
		}
		tools = append(tools, &mcpTool{name: t.Name, server: m, spec: model.ToolSpec{
			Name: fitting(t.Name), Description: clip(words, maxWords), Parameters: t.Schema,
		}})
	}
	return tools, nil
}

// stale tells whether the server may offer something else by now.
func (m *mcpServer) stale() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.server != nil && m.server.Changed() != m.changed
}

// close gives the server back.
func (m *mcpServer) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.server != nil {
		m.server.Release()
		m.server = nil
	}
}

func (t *mcpTool) Spec() model.ToolSpec { return t.spec }

func (t *mcpTool) Call(ctx context.Context, c Call) (string, error) {
	text, err := t.server.use().Call(ctx, t.name, c.Arguments, c.Key)
	var fault *mcp.Fault
	switch {
	case errors.As(err, &fault):
		return "", &FaultError{Model: hidden(fault.Model, t.server.secrets), Owner: fault.Owner}
	case err != nil:
		return "", errors.New(hidden(err.Error(), t.server.secrets))
	}
	return hidden(text, t.server.secrets), nil
}

// fitting is a name as every model server takes it: letters, digits, "_" and "-",
// at most maxName.
func fitting(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		}
		return '_'
	}, name)
	return name[:min(len(name), maxName)]
}
