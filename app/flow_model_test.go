package app

import (
	"strings"
	"testing"
	"time"
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
