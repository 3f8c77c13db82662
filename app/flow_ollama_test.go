package app

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"
)

// realRig is the program on a real Ollama whose two models say what a script says.
func realRig(t *testing.T) (*rig, *modeltest.Server) {
	t.Helper()
	server := modeltest.Start(t)
	server.Create(t, "seer", modeltest.Script{
		Default: "How can I help?",
		Replies: map[string]string{
			"opening-hours?": "We are open until **eight**.",
			"private?":       "Write to boss@example.org, please.",
			"musing?":        "<think>The customer wants tea.</think>We have tea.",
		},
		Image: "That is a grey square.",
	})
	server.Create(t, "talker", modeltest.Script{
		Default:   "How can I help?",
		ToolCalls: map[string]modeltest.Call{"what-time?": {Name: "datetime_now", Arguments: map[string]any{"timezone": "Europe/Madrid"}}},
		AfterTool: map[string]string{"datetime_now": "It is time for tea."},
	})
	r := newRig(t, rigOptions{})
	r.env["FAKE_OLLAMA"] = server.URL
	r.restart()
	return r, server
}

// The product's sentence, whole and real: a customer writes on WhatsApp, the
// agent on a real Ollama answers. The model is a script, so each reply is known.
func TestARealOllamaAnswers(t *testing.T) {
	r, server := realRig(t)
	for _, c := range [][2]string{
		{"Hello, opening-hours?", "We are open until *eight*."},
		{"something else", "How can I help?"},
		{"who is the boss, private?", "Write to [REDACTED_EMAIL], please."},
		{"musing?", "We have tea."},
	} {
		r.post(r.meta.Text(ana, c[0]))
		r.reads(ana, c[1])
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 32, 32))); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Image(ana, emulator.Media{MIME: "image/png", Data: b.Bytes()}))
	r.reads(ana, "That is a grey square.")
	r.post(r.meta.Image(ana, emulator.Media{MIME: "image/png", Data: b.Bytes(), Caption: "is this the sign with the opening-hours?"}))
	r.until("the captioned picture's answer", func() bool { return count(r.read(ana), "We are open until *eight*.") == 2 })

	// An agent with a tool goes to the model that can call it.
	r.write("agents/shop.agent.yaml", testAgent+"  tools: [{type: builtin, name: datetime_now}]\n")
	r.until("the tool", func() bool { a, _ := r.app.agents.Get("shop"); return a != nil && a.Version > 1 })
	r.post(r.meta.Text(ana, "what-time?"))
	r.reads(ana, "It is time for tea.")

	// A model that is gone: the other candidate answers.
	server.Delete(t, "talker")
	luis := emulator.User{Phone: "34600999888", Name: "Luis"}
	r.post(r.meta.Text(luis, "opening-hours?"))
	r.reads(luis, "We are open until *eight*.")
}

// Ollama is stopped and started again in mid-conversation: the customer waits
// and is answered.
func TestARealOllamaComesBack(t *testing.T) {
	r, server := realRig(t)
	r.post(r.meta.Text(ana, "hello"))
	r.reads(ana, "How can I help?")
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Text(ana, "opening-hours?"))
	r.until("the wait for the model", func() bool { return strings.Contains(events(r, "model"), "No model can be reached") })
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	r.reads(ana, "We are open until *eight*.")
	t.Logf("answered %s after Ollama was back", time.Since(began).Round(time.Millisecond))
	r.idle()
	if got := r.read(ana); len(got) != 2 {
		t.Errorf("read %q, want each answer once", got)
	}
}

func count(texts []string, text string) int {
	n := 0
	for _, t := range texts {
		if t == text {
			n++
		}
	}
	return n
}
