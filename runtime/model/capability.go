package model

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
)

// rememberFor is how long an answer about a model's abilities holds. They
// change only when an owner pulls another model under the same name.
const rememberFor = 5 * time.Minute

// askWithin bounds the question: it reads the head of the model's file.
const askWithin = 10 * time.Second

// Capabilities asks the server what the model can do, and remembers it for
// five minutes.
func (o *Ollama) Capabilities(ctx context.Context) (Capabilities, error) {
	if caps, ok := o.state.known(); ok {
		return caps, nil
	}
	select {
	case o.state.asking <- struct{}{}:
	case <-ctx.Done():
		return Capabilities{}, o.failure(ctx, context.Cause(ctx))
	}
	defer func() { <-o.state.asking }()
	if caps, ok := o.state.known(); ok {
		return caps, nil
	}
	return o.ask(ctx)
}

// Alive asks the server, past anything remembered, whether it is there and has
// the model.
func (o *Ollama) Alive(ctx context.Context) error {
	_, err := o.ask(ctx)
	return err
}

func (o *Ollama) ask(ctx context.Context) (Capabilities, error) {
	var show *api.ShowResponse
	err := o.server.attend(ctx, askWithin, func(ctx context.Context, _ func()) (err error) {
		show, err = o.server.api.Show(ctx, &api.ShowRequest{Model: o.model})
		return err
	})
	if err != nil {
		return Capabilities{}, o.failure(ctx, fmt.Errorf("ask about the model: %w", err))
	}
	caps := capabilitiesOf(show)
	o.state.remember(caps)
	if n := o.parameters.numCtx; n > caps.ContextLength && caps.ContextLength > 0 && o.state.firstCapped() {
		o.notify(Notice{Candidate: o.name, Kind: "context_capped", Text: fmt.Sprintf(
			"num_ctx is %d, but the model %s can read %d tokens at once: %d is used.", n, o.model, caps.ContextLength, caps.ContextLength)})
	}
	return caps, nil
}

func capabilitiesOf(show *api.ShowResponse) Capabilities {
	var caps Capabilities
	for _, c := range show.Capabilities {
		switch c {
		case "vision":
			caps.Vision = true
		case "tools":
			caps.Tools = true
		case "thinking":
			caps.Thinking = true
		}
	}
	if len(show.Capabilities) == 0 {
		// Servers before 0.6.4 have no such list, but tell what it is made from.
		caps.Vision = len(show.ProjectorInfo) > 0
		caps.Tools = strings.Contains(show.Template, ".Tools")
	}
	caps.Remote = show.RemoteHost != ""
	if n, ok := show.ModelInfo["general.parameter_count"].(float64); ok && n >= 1 && n < 1e15 {
		caps.Size = int64(n)
	}
	architecture, _ := show.ModelInfo["general.architecture"].(string)
	if n, ok := show.ModelInfo[architecture+".context_length"].(float64); ok && n >= 1 && n < 1<<30 {
		caps.ContextLength = int(n)
	}
	return caps
}

func (m *modelState) known() (Capabilities, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.caps, !m.askedAt.IsZero() && time.Since(m.askedAt) < rememberFor
}

func (m *modelState) remember(caps Capabilities) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.caps, m.askedAt = caps, time.Now()
}

func (m *modelState) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.askedAt = time.Time{}
}

func (m *modelState) firstCapped() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := !m.capped
	m.capped = true
	return first
}

// fullName is a model's name with its tag: "llava" means "llava:latest".
func fullName(name string) string {
	if last := name[strings.LastIndex(name, "/")+1:]; !strings.Contains(last, ":") {
		return name + ":latest"
	}
	return name
}
