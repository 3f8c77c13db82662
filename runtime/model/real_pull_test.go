package model_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
)

// pullRig is a real Ollama that downloads from a registry on loopback.
type pullRig struct {
	registry *modeltest.Registry
	server   *modeltest.Server
	servers  *model.Servers
}

func TestRealPull(t *testing.T) {
	r := pullRig{registry: modeltest.NewRegistry(t)}
	r.server = modeltest.Start(t, r.registry.Env)
	r.servers = model.NewServers(model.Options{DefaultOllama: r.server.URL})
	t.Run("slowly, and it answers", r.testSlow)
	t.Run("the connection breaks in the middle", r.testBreak)
	t.Run("cancelled, then again at once", r.testCancel)
	t.Run("what does not work", r.testFaults)
	t.Run("Ollama is stopped in the middle", r.testStopped) // the last: it stays stopped
}

func (r pullRig) pull(ctx context.Context, name string, progress func(model.PullProgress)) error {
	return r.servers.Pull(ctx, "", name, progress)
}

// mustAnswer speaks to a model that has just come.
func (r pullRig) mustAnswer(t *testing.T, name string) {
	t.Helper()
	got := chat(t, ollama(t, r.servers, model.OllamaConfig{Model: name}), model.Request{Messages: []model.Message{user("Hello, opening-hours?")}})
	if got.Content != shop.Replies["opening-hours?"] {
		t.Errorf("%s says %q", name, got.Content)
	}
}

func (r pullRig) testSlow(t *testing.T) {
	name, size := r.registry.Publish(t, "slow", shop)
	release := r.registry.Hold(t, size/2)
	var steps []string
	err := r.pull(t.Context(), name, func(p model.PullProgress) {
		if p.Total == size && p.Completed == size/2 {
			release() // half of it was shown: the rest may come
		}
		if word, _, _ := strings.Cut(p.Status, " "); !slices.Contains(steps, word) {
			steps = append(steps, word)
		}
	})
	if err != nil || !slices.Equal(steps, []string{"pulling", "verifying", "writing", "success"}) {
		t.Fatalf("%v, %q", err, steps)
	}
	r.mustAnswer(t, name)
	_, list, err := r.servers.Catalogue(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != name || !list[0].Capabilities.Vision || !list[0].Capabilities.Tools {
		t.Errorf("%+v, %v", list, err)
	}
}

func (r pullRig) testBreak(t *testing.T) {
	name, size := r.registry.Publish(t, "broken", variant("It broke."))
	r.registry.BreakAt(size / 2)
	before := len(r.registry.Began())
	if err := r.pull(t.Context(), name, func(model.PullProgress) {}); err != nil {
		t.Fatal(err)
	}
	if began := r.registry.Began()[before:]; !slices.Equal(began, []int64{0, size / 2}) {
		t.Errorf("the downloads began at %d, the file has %d bytes", began, size)
	}
	r.mustAnswer(t, name)
}

func (r pullRig) testCancel(t *testing.T) {
	name, size := r.registry.Publish(t, "cancelled", variant("It was cancelled."))
	release := r.registry.Hold(t, size/2)
	before := len(r.registry.Began())
	ctx, cancel := context.WithCancel(t.Context())
	err := r.pull(ctx, name, func(p model.PullProgress) {
		if p.Completed == size/2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	release()
	if err := r.pull(t.Context(), name, func(model.PullProgress) {}); err != nil {
		t.Fatalf("again at once: %v", err)
	}
	// Ollama lets a download go on that is asked for again before it was given up, and
	// one that is being given up may take some more of what was let go.
	began := r.registry.Began()[before:]
	if began[0] != 0 || len(began) > 2 || len(began) == 2 && (began[1] < size/2 || began[1] >= size) {
		t.Errorf("the downloads began at %d, the file has %d bytes", began, size)
	}
	r.mustAnswer(t, name)
}

func (r pullRig) testFaults(t *testing.T) {
	for name, want := range map[string]model.PullFault{
		r.registry.Host + "/library/nothing:latest": model.PullNoModel,
		"127.0.0.1:1/library/nothing:latest":        model.PullNetwork,
		"a:b:c":                                     model.PullNoModel,
	} {
		var got *model.PullError
		if err := r.pull(t.Context(), name, func(model.PullProgress) {}); !errors.As(err, &got) || got.Fault != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func (r pullRig) testStopped(t *testing.T) {
	name, size := r.registry.Publish(t, "stopped", variant("It was stopped."))
	r.registry.Hold(t, size/2)
	stopped := make(chan error, 1)
	asked := false
	err := r.pull(t.Context(), name, func(p model.PullProgress) {
		if p.Completed == size/2 && !asked {
			asked = true
			go func() { stopped <- r.server.Stop() }()
		}
	})
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	var got *model.PullError
	if !errors.As(err, &got) || got.Fault != model.PullNoServer {
		t.Errorf("%v", err)
	}
}

// variant is the shop with another default answer, and so another file.
func variant(text string) modeltest.Script {
	s := shop
	s.Default = text
	return s
}
