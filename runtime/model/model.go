// Package model speaks to LLMs: one interface, its providers, and the router
// that chooses between candidates. It knows no table, no tool body, no prompt.
package model

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Role of a chat message.
type Role string

// The roles of the chat format.
const (
	RoleSystem    Role = "system"
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
	RoleTool      Role = "tool"
)

// Message is one entry of a chat.
type Message struct {
	Role      Role
	Content   string
	Images    [][]byte     // raw bytes, user messages only
	Attached  []Attachment // what each of Images is called where no candidate can see
	ToolCalls []ToolCall   // assistant messages
	ToolName  string       // tool messages: which tool answered
	CallID    string       // tool messages: which call is answered
}

// Attachment describes an image for a model that cannot see:
// "[Attached image: image/png, 15234 bytes]".
type Attachment struct {
	MIME  string
	Bytes int
}

// ToolCall is a model's wish to call a tool.
type ToolCall struct {
	ID        string
	Name      string
	Arguments map[string]any
}

// ToolSpec is a tool as offered to a model.
type ToolSpec struct {
	Name        string
	Description string
	Parameters  json.RawMessage // JSON Schema of an object
}

// Request is one call. Options of the candidate apply where it sets none.
type Request struct {
	Messages []Message
	Tools    []ToolSpec
	Format   json.RawMessage // JSON Schema the answer must fit, or nil
	// Session names the conversation. Where several wait for one server, the
	// one whose prompt that server still holds goes first, within a bound.
	Session string
	// Background computes the prompt ahead of its use: nothing but one token is
	// generated, the answer is to be thrown away. It runs only while no real
	// request needs the server, and ends with ErrGaveWay when one comes, or where
	// the server has meanwhile put another conversation in the prompt's place.
	Background bool
	// MaxTokens bounds the answer where it is less than the candidate's own bound;
	// 0 = that one. A Background
	// request that has it is for its answer, which may cost money, and is not
	// thrown away.
	MaxTokens int
	// OnToken, if set, is called for each piece of the answer as it is
	// generated. It must not block. When a candidate fails in the middle, the
	// pieces of the next one follow: only Response.Content is the answer.
	OnToken func(string)
	// OnQueue, if set, is told true when the request begins to wait for its turn
	// in front of a server, and false when it stops waiting: time there is not
	// the caller's work. Called from Chat's goroutine, in pairs.
	OnQueue func(waiting bool)
}

// most is the bound of the answer in tokens, where configured is the candidate's
// own; 0 = none.
func (r Request) most(configured int) int {
	switch {
	case r.MaxTokens > 0 && (configured == 0 || r.MaxTokens < configured):
		return r.MaxTokens
	case r.MaxTokens > 0:
		return configured
	case r.Background:
		return 1
	}
	return configured
}

// Response is a finished answer.
type Response struct {
	Content   string
	Thinking  string // reasoning that the server already told apart from the answer
	ToolCalls []ToolCall
	Usage     Usage
}

// Usage is what a call cost.
type Usage struct {
	Candidate    string        `json:"candidate"`      // "ollama/llava:7b"
	Role         string        `json:"role,omitempty"` // what a pattern asked for: "planner"; "" = the agent itself
	TokensIn     int           `json:"tokens_in"`
	TokensOut    int           `json:"tokens_out"`
	Wait         time.Duration `json:"wait"` // in our queue
	Load         time.Duration `json:"load"`
	PromptEval   time.Duration `json:"prompt_eval"`
	Generation   time.Duration `json:"generation"`
	NumCtx       int           `json:"num_ctx"`
	PromptWasCut bool          `json:"prompt_was_cut"` // the server kept fewer tokens than were sent
	AnswerWasCut bool          `json:"answer_was_cut"` // max_tokens or the context was used up
}

// Capabilities as the server reports them, never guessed from a name.
type Capabilities struct {
	Vision        bool
	Tools         bool
	Thinking      bool
	ContextLength int // tokens, 0 if not known
	// Size is how many parameters the model has, 0 if not known.
	Size int64
	// Remote: its server hands the requests on to somebody else's computer.
	Remote bool
}

// LLM is one model on one server. Implementations: Ollama, OpenAI, Builtin.
type LLM interface {
	// Name for logs and usage: "ollama/llava:7b".
	Name() string
	// Capabilities asks the server; the answer may be cached.
	Capabilities(ctx context.Context) (Capabilities, error)
	// Chat answers, or fails with an *Error.
	Chat(ctx context.Context, req Request) (Response, error)
	// Warm loads the model so that the first customer does not wait for it.
	Warm(ctx context.Context) error
}

// Error is why a call to a model failed.
type Error struct {
	Candidate   string
	Unreachable bool   // refused, not pulled, breaker open: trying again later may help
	Reason      string // one sentence for the owner: what happened and what to do
	Err         error

	// Passing: it was reached and failed by itself, and may do better in a moment,
	// as a server does whose model crashed or found no memory.
	Passing bool

	// ownFault: the request is to blame, not the candidate.
	ownFault bool
	// lacks: the server takes no pictures or no tools; it may be asked again
	// without them.
	lacks struct{ vision, tools bool }
}

func (e *Error) Error() string {
	s := e.Candidate + ": " + e.Reason
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// ErrUnavailable: no candidate can be reached now. The turn waits and tries
// again; everything else that a router returns is an answer or a failed turn.
var ErrUnavailable = errors.New("no model can be reached")

// ErrGaveWay: a Background request ended because a real one needed the server.
var ErrGaveWay = errors.New("gave way to a real request")
