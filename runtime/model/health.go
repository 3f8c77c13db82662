package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// healthWithin bounds the diagnosis of one server.
const healthWithin = 5 * time.Second

// ServerHealth is the diagnosis of one model server.
type ServerHealth struct {
	Endpoint  string        `json:"endpoint"`
	OpenAI    bool          `json:"openai"` // it speaks OpenAI's API, and tells no version
	Reachable bool          `json:"reachable"`
	Version   string        `json:"version"`
	Latency   time.Duration `json:"latency"` // of the simplest question
	Detail    string        `json:"detail"`  // a sentence for the owner; empty if all is well
	Installed []string      `json:"installed"`
	Models    []ModelHealth `json:"models"` // those that agents use
	Queue     QueueState    `json:"queue"`
}

// ModelHealth is one configured model.
type ModelHealth struct {
	Name         string       `json:"name"`
	Present      bool         `json:"present"`
	Loaded       bool         `json:"loaded"`  // in memory now
	NumCtx       int          `json:"num_ctx"` // loaded with; 0 if not loaded
	Capabilities Capabilities `json:"capabilities"`
	Detail       string       `json:"detail"` // a sentence for the owner; empty if all is well
}

// Health asks every server, at the same time, what stands there. With
// candidates given, only their servers and models count; without, all that
// were ever configured, also those of agents that have changed since.
func (s *Servers) Health(ctx context.Context, candidates ...LLM) []ServerHealth {
	wanted := s.wanted(candidates)
	out := make([]ServerHealth, 0, len(wanted))
	for _, endpoint := range sortedNames(wanted) {
		out = append(out, ServerHealth{Endpoint: endpoint, Installed: []string{}})
	}
	var all sync.WaitGroup
	for i := range out {
		all.Go(func() { wanted[out[i].Endpoint].diagnose(ctx, &out[i]) })
	}
	var others []ServerHealth
	all.Go(func() { others = openAIHealth(ctx, candidates) })
	all.Wait()
	return append(out, others...)
}

// serverModels is one server and the candidates on it, one for each model.
type serverModels struct {
	server *server
	models map[string]*Ollama
}

func (s *Servers) wanted(candidates []LLM) map[string]serverModels {
	wanted := map[string]serverModels{}
	add := func(o *Ollama) {
		key := o.server.base.String()
		if wanted[key].server == nil {
			wanted[key] = serverModels{o.server, map[string]*Ollama{}}
		}
		wanted[key].models[o.model] = o
	}
	for _, c := range candidates {
		if o, ok := c.(*Ollama); ok {
			add(o)
		}
	}
	if len(candidates) > 0 {
		return wanted
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, srv := range s.byURL {
		srv.mu.Lock()
		for name, state := range srv.models {
			add(&Ollama{name: "ollama/" + name, model: name, server: srv, state: state, notify: s.options.Notify})
		}
		srv.mu.Unlock()
	}
	return wanted
}

func (w serverModels) diagnose(ctx context.Context, h *ServerHealth) {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	h.Queue = w.server.queue.state()
	names := sortedNames(w.models)
	for _, name := range names {
		h.Models = append(h.Models, ModelHealth{Name: name})
	}
	began := time.Now()
	version, err := w.server.api.Version(ctx)
	h.Latency = time.Since(began)
	if err != nil {
		h.Detail = w.models[names[0]].failure(ctx, err).Reason
		return
	}
	h.Reachable, h.Version = true, version
	list, err := w.server.api.List(ctx)
	if err != nil {
		h.Detail = fmt.Sprintf("Ollama at %s answers, but does not list its models: %v.", w.server.base, err)
		return
	}
	for _, m := range list.Models {
		h.Installed = append(h.Installed, m.Name)
	}
	slices.Sort(h.Installed)
	loaded := w.server.loaded(ctx)
	for i := range h.Models {
		w.models[h.Models[i].Name].diagnose(ctx, &h.Models[i], h.Installed, loaded)
	}
}

// loaded is num_ctx by full name of the models in memory. Not to know it is no
// failure: old servers do not tell.
func (s *server) loaded(ctx context.Context) map[string]int {
	out := map[string]int{}
	if running, err := s.api.ListRunning(ctx); err == nil {
		for _, m := range running.Models {
			out[fullName(m.Name)] = m.ContextLength
		}
	}
	return out
}

func (o *Ollama) diagnose(ctx context.Context, h *ModelHealth, installed []string, loaded map[string]int) {
	h.Present = slices.ContainsFunc(installed, func(name string) bool {
		return strings.EqualFold(fullName(name), fullName(o.model))
	})
	if !h.Present {
		h.Detail = o.missing()
		return
	}
	h.NumCtx, h.Loaded = loaded[fullName(o.model)]
	caps, err := o.Capabilities(ctx)
	if err != nil {
		h.Detail = o.failure(ctx, err).Reason
		return
	}
	h.Capabilities = caps
}
