package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"astromesh/runtime/tool/outside"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	// handshake is the version of the protocol that is spoken: the newest with a
	// handshake. Servers that are out there know it or negotiate down from it; the
	// next version asks a question first that some of them die of.
	handshake = "2025-11-25"
	// pingLimit is how long a server may be silent after a call was given up.
	pingLimit = 5 * time.Second
	// goodbye is how long each part of ending in order may take.
	goodbye = time.Second
	// maxPages bounds a list of tools that never ends.
	maxPages = 50
)

// link is one connection to a server, with the program behind it where there is
// one.
type link struct {
	session *sdk.ClientSession
	process *process           // nil where the server has an address
	life    context.CancelFunc // ends all requests of a server with an address
	flood   *atomic.Bool       // a message was longer than maxMessage
	once    sync.Once
	dead    chan struct{} // closed by end
	ending  sync.Once
	began   time.Time // when it was made
}

func connect(ctx context.Context, s *Server) (*link, error) {
	l := &link{flood: &atomic.Bool{}, dead: make(chan struct{})}
	transport, err := l.transport(s)
	if err != nil {
		return nil, err
	}
	client := sdk.NewClient(&sdk.Implementation{Name: "astromesh", Version: "1"}, &sdk.ClientOptions{
		Logger:         slog.New(slog.DiscardHandler), // it logs what servers say
		Capabilities:   &sdk.ClientCapabilities{},     // no files, no model, no questions to people
		MultiRoundTrip: &sdk.MultiRoundTripOptions{Disabled: true},
		ToolListChangedHandler: func(context.Context, *sdk.ToolListChangedRequest) {
			s.toolsChanged()
		},
	})
	type outcome struct {
		session *sdk.ClientSession
		err     error
	}
	done := make(chan outcome, 1)
	// What is connected lives longer than ctx, and the library does not heed it
	// everywhere: the end of the program or of the requests ends the attempt.
	go func() {
		session, err := client.Connect(context.Background(), transport, &sdk.ClientSessionOptions{ProtocolVersion: handshake})
		done <- outcome{session, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			l.close()
			return nil, o.err
		}
		l.session = o.session
		return l, nil
	case <-ctx.Done():
		l.close()
		if o := <-done; o.session != nil {
			_ = o.session.Close() // what it led to has been ended
		}
		return nil, ctx.Err()
	}
}

// tools asks for all pages of the list.
func (l *link) tools(ctx context.Context) ([]Tool, error) {
	byName := map[string]Tool{}
	params := &sdk.ListToolsParams{}
	for range maxPages {
		page, err := l.session.ListTools(ctx, params)
		if err != nil {
			return nil, err
		}
		for _, t := range page.Tools {
			schema, err := json.Marshal(t.InputSchema)
			if err != nil || string(schema) == "null" {
				schema = []byte(`{"type":"object","properties":{}}`)
			}
			byName[t.Name] = Tool{Name: t.Name, Description: strings.TrimSpace(t.Description), Schema: schema}
		}
		if page.NextCursor == "" {
			break
		}
		params = &sdk.ListToolsParams{Cursor: page.NextCursor}
	}
	// Sorted, so that the prompt's beginning does not depend on a server's mood.
	list := make([]Tool, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		list = append(list, byName[name])
	}
	return list, nil
}

// toolError is a server's own "no", in its words.
type toolError struct{ words string }

func (e *toolError) Error() string { return e.words }

func (l *link) call(ctx context.Context, name string, arguments map[string]any, key string) (string, error) {
	params := &sdk.CallToolParams{Name: name, Arguments: arguments}
	if arguments == nil {
		params.Arguments = map[string]any{}
	}
	if key != "" {
		params.Meta = sdk.Meta{"idempotencyKey": key}
	}
	result, err := l.session.CallTool(ctx, params)
	if err != nil {
		return "", err
	}
	text := textOf(result)
	if result.IsError {
		if text == "" {
			text = "it failed without saying why"
		}
		return "", &toolError{text}
	}
	if text == "" { // a model takes nothing for a failure
		text = "Done."
	}
	return text, nil
}

// probe ends a server that does not even answer a ping after it has let a call
// wait: it is stuck as a whole, and not only in one of its tools.
func (l *link) probe() {
	ctx, cancel := context.WithTimeout(context.Background(), pingLimit)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.session.Ping(ctx, nil) }() // a full pipe does not heed the context
	select {
	case err := <-done:
		if err == nil || answered(err) { // an answer is an answer
			return
		}
	case <-ctx.Done():
	}
	l.end()
}

// answered tells whether an error is the server's own.
func answered(err error) bool {
	var refused *jsonrpc.Error
	return errors.As(err, &refused) && !rejected(refused)
}

// rejected tells whether an error is the library's, for a request that no server
// took: its own type for that is not to be had from outside.
func rejected(e *jsonrpc.Error) bool { return e.Message == "rejected by transport" }

// untaken tells whether an error means that no server took the request.
func untaken(err error) bool {
	var refused *jsonrpc.Error
	return outside.NotSent(err) || errors.As(err, &refused) && rejected(refused)
}

// wait returns when the connection has ended, or was ended.
func (l *link) wait() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = l.session.Wait() // why it ended does not change what follows
	}()
	select {
	case <-done:
	case <-l.dead:
	}
}

// close ends the connection in order: the server may say goodbye, but not long.
func (l *link) close() {
	l.once.Do(func() {
		done := make(chan struct{})
		go func() {
			defer close(done)
			if l.session != nil {
				_ = l.session.Close() // it ends either way
			}
		}()
		select {
		case <-done:
		case <-time.After(goodbye):
		}
		if l.process != nil && l.session != nil {
			l.process.farewell()
		}
		l.end()
		if l.process != nil {
			l.process.wait()
		}
	})
}

// dismiss has watch see that the connection is over.
func (l *link) dismiss() { l.ending.Do(func() { close(l.dead) }) }

// end ends it at once.
func (l *link) end() {
	l.dismiss()
	if l.life != nil {
		l.life()
	}
	if l.process != nil {
		l.process.kill()
	}
}

// refusal is what a server says of a request that it does not take.
func refusal(err error) string {
	var refused *jsonrpc.Error
	if errors.As(err, &refused) {
		return clip(strings.ToValidUTF8(refused.Message, ""), 300)
	}
	return "it does not understand"
}

// unreachable says why there is no connection, and what an owner can do.
func unreachable(setup Setup, err error) error {
	var start *startError
	switch {
	case errors.As(err, &start):
		return notStarted(setup.Name, start.why)
	case setup.Command != "":
		return noProtocol(setup.Name)
	default:
		return noAnswer(setup.Name)
	}
}
