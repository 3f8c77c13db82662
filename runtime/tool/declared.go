package tool

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Declared is a tool as an agent's file names it.
type Declared struct {
	Type        string // builtin (also where it is empty), agent, client, webhook, mcp
	Name        string
	Description string         // replaces the tool's own words, if set
	Config      map[string]any // the tool's own settings
	Parameters  map[string]any // JSON Schema or the short form: see Schema
	Rest        map[string]any // the entry's other keys: url, command, agent …
	Window      time.Duration  // with MaxCalls: at most so many calls in so long
	MaxCalls    int            // 0 = no limit
}

// Sources are what tools are made with. One value serves an agent's tools.
type Sources struct {
	Now func() time.Time
	// UserContext tells what is known of a session's customer. nil = only the name.
	UserContext func(ctx context.Context, sessionID string) (map[string]any, error)
	// Agent tells what another agent is for, and whether it is in service. nil =
	// there are no others.
	Agent func(name string) (about string, ok bool)
	// Recall finds what cache_store has kept. nil = nothing outlives a turn.
	Recall func(ctx context.Context, scope, sessionID, key string) (value string, found bool, err error)
	Outside
}

// Made is what a maker gives for one entry of the file.
type Made struct {
	// Tools that are known without asking anybody.
	Tools []Tool
	// Open, for what must be asked which tools it has: a server, a process. It
	// runs when a turn needs the tools, and again after Close or, at most once in
	// reopenAfter, after an error. ctx bounds the opening only.
	Open func(ctx context.Context) ([]Tool, error)
	// Stale says that Open would bring something else by now. nil = it never does.
	// Until it has, what it brought before is offered.
	Stale func() bool
	// Close ends what Open began, also where Open failed. No call is running then.
	// nil = nothing to end.
	Close func()
	// Prefix and "_" are put before a name of Open's that is taken already.
	Prefix string
	// Limit is how long one call may take; 0 = callLimit. The turn's own limit
	// stands above it.
	Limit time.Duration
}

// maker makes what one entry of the file stands for. Its error is a part of a
// sentence: "tool x is not offered to the model: <error>". It must not wait for
// anybody: a file is checked and compiled more often than it is used.
type maker func(d Declared, src Sources) (Made, error)

// makers are by the type of the entry.
func makers() map[string]maker {
	return map[string]maker{
		"":        makeBuiltin,
		"builtin": makeBuiltin,
		"agent":   makeAgent,
		"client":  makeClient,
		"mcp":     makeMCP,
		"webhook": makeWebhook,
	}
}

// builtins are by name. One that a file of another program names, and that is
// not here, is left out with a warning.
func builtins() map[string]maker {
	return map[string]maker{
		"cache_store":      newCacheStore,
		"datetime_now":     newDatetimeNow,
		"get_user_context": newGetUserContext,
		"hand_over":        newHandOver,
		"http_request":     newHTTPRequest,
		"json_transform":   newJSONTransform,
		"send_message":     newSendMessage,
		"text_summarize":   newTextSummarize,
	}
}

// Builtins names the tools that are part of the program, by name.
func Builtins() []string { return slices.Sorted(maps.Keys(builtins())) }

func makeBuiltin(d Declared, src Sources) (Made, error) {
	m, ok := builtins()[d.Name]
	if !ok {
		return Made{}, fmt.Errorf("there is no builtin tool of this name (there are %s)", list(Builtins()))
	}
	return m(d, src)
}

// one is a maker's answer where an entry is one tool.
func one(t Tool) Made { return Made{Tools: []Tool{t}} }
