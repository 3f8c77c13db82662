package app

import (
	"strings"
	"testing"
	"time"

	"astromesh/runtime/model/modeltest"
)

func TestTheModelServerComesBack(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.ollama.Down(true)
	r.post(r.meta.Text(ana, "anybody there?"))
	r.until("the wait", func() bool { return strings.Contains(events(r, "model"), "No model can be reached") })
	r.ollama.Down(false)
	r.reads(ana, "re: anybody there?")
}

// events are the texts of one kind.
func events(r *rig, kind string) string {
	var list struct{ Events []struct{ Text string } }
	r.api("GET", "/v1/events?limit=1000&kind="+kind, "", &list)
	var texts []string
	for _, e := range list.Events {
		texts = append(texts, e.Text)
	}
	return strings.Join(texts, "\n")
}

func TestNoModelForTooLong(t *testing.T) {
	r := newRig(t, rigOptions{channels: "    debounce: {quiet_seconds: 0, max_seconds: 5}\n    messages: {error: \"Sorry, a person will answer.\"}\n"})
	r.write("runtime.yaml", "apiVersion: astromesh/v1\nkind: RuntimeConfig\nspec: {retry_for: 1}\n")
	r.until("the reload", func() bool { return r.app.live.Load().runtime.Spec.RetryFor.D() == time.Second })
	r.ollama.Down(true)
	r.post(r.meta.Text(ana, "hello?"))
	r.reads(ana, "Sorry, a person will answer.")
	r.idle()
	var list struct {
		Conversations []struct {
			NeedsPerson bool `json:"needs_person"`
		}
	}
	if r.api("GET", "/v1/conversations", "", &list); !list.Conversations[0].NeedsPerson {
		t.Error("no person is asked for")
	}
	if got := r.read(ana); len(got) != 1 {
		t.Errorf("read %q, want the error text once", got)
	}
}

// questions is how often a model was asked something; to load one is no question.
func questions(f *modeltest.Fake) (n int) {
	for _, req := range f.Requests() {
		if len(req.Messages) > 0 {
			n++
		}
	}
	return n
}

// While nobody writes, an agent's models are asked at its health_check_interval:
// one that is away is told and passed over, and so is its return. An agent that
// is replaced by one without an interval is asked no more.
func TestHealthCheckIntervalOfAnAgent(t *testing.T) {
	r := newRig(t, rigOptions{})
	other := modeltest.NewFake()
	other.Set("spare", modeltest.FakeModel{Answer: echoLast})
	other.Listen(t)
	spec := strings.Replace(testAgent, "routing: {strategy: capability_match}", "routing: {strategy: quality_first, health_check_interval: 1}", 1)
	spec = strings.Replace(spec, `model: "talker", endpoint: "${FAKE_OLLAMA}"`, `model: spare, endpoint: "`+other.URL+`"`, 1)
	r.write("agents/shop.agent.yaml", spec)
	r.until("the first look", func() bool { return other.Shown() > 0 })
	r.ollama.Freeze(true)
	r.until("the event", func() bool { return strings.Contains(events(r, "model"), "Ollama does not answer") })
	r.post(r.meta.Text(ana, "hello?"))
	r.reads(ana, "re: hello?")
	if n, away := questions(other), questions(r.ollama); n != 1 || away != 0 {
		t.Errorf("the other model answered %d times, who is away was asked %d times", n, away)
	}
	r.ollama.Freeze(false)
	r.until("its return", func() bool { return strings.Contains(events(r, "model"), "can be reached again") })
	r.write("agents/shop.agent.yaml", strings.Replace(spec, ", health_check_interval: 1", "", 1))
	r.until("the new version", func() bool { a, _ := r.app.agents.Get("shop"); return a != nil && a.Version > 2 })
	r.ollama.Down(true)
	r.post(r.meta.Text(ana, "and now?"))
	r.reads(ana, "re: and now?")
	if n := strings.Count(events(r, "model"), "does not answer"); n > 2 {
		t.Errorf("it was told %d times", n)
	}
}
