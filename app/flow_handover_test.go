package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// hanging lets a model begin an answer to what holds a word, and be silent then.
func hanging(r *rig, word string) {
	r.ollama.Set("seer", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "vision"}, Answer: func(req api.ChatRequest) modeltest.Reply {
		if strings.Contains(req.Messages[len(req.Messages)-1].Content, word) {
			return modeltest.Reply{Pieces: []string{"half an "}, Hang: true}
		}
		return echoLast(req)
	}})
}

// asked waits until a model was asked about a word, and gives the question. What
// was asked last may be another thing: models are loaded and prompts computed ahead
// when nobody waits.
func asked(r *rig, word string) (question api.ChatRequest) {
	r.until("the model", func() bool {
		requests := r.ollama.Requests()
		at := slices.IndexFunc(requests, func(req api.ChatRequest) bool {
			return len(req.Messages) > 0 && strings.Contains(req.Messages[len(req.Messages)-1].Content, word)
		})
		if at >= 0 {
			question = requests[at]
		}
		return at >= 0
	})
	return question
}

func conversationOf(r *rig, u emulator.User) store.Conversation {
	r.t.Helper()
	c, err := r.app.store.ConversationBySession(r.ctx, "wa_"+u.Phone)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func transcript(r *rig, id int64) []string {
	r.t.Helper()
	lines, err := r.app.store.Transcript(r.ctx, id, 0, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var list []string
	for _, l := range lines {
		list = append(list, l.Author+": "+l.Text)
	}
	return list
}

// A person takes over while the model is writing: nothing of it is sent, what
// comes is recorded, and after the handing back the agent answers the next
// message and knows what was said.
func TestAPersonTakesOverInMidGeneration(t *testing.T) {
	r := newRig(t, rigOptions{})
	hanging(r, "slow")
	r.post(r.meta.Text(ana, "slow question from ana@example.org"))
	asked(r, "slow")
	c := conversationOf(r, ana)
	if _, err := r.app.store.TakeOver(c.ID, store.UntilHandedBack, "Olga"); err != nil {
		t.Fatal(err)
	}
	r.app.dispatcher.Interrupt(c.ID)
	r.idle() // by itself the turn goes on until its time is used up, which is longer than anybody waits here
	r.post(r.meta.Text(ana, "still there?"))
	r.idle()
	if err := r.app.store.WritePerson(store.Reply{Conversation: c.ID, By: "Olga", IDs: []string{"p-1"}, Parts: []string{"Olga here"},
		Memory: []store.MemoryEntry{{Agent: "shop", SessionID: c.SessionID, Role: "assistant", Content: "Olga here"}}}); err != nil {
		t.Fatal(err)
	}
	r.app.relay.Wake()
	r.reads(ana, "Olga here")
	if err := r.app.store.HandBack(c.ID, "Olga"); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Text(ana, "thanks"))
	r.reads(ana, "re: thanks")
	r.idle()
	if got := r.read(ana); !slices.Equal(got, []string{"Olga here", "re: thanks"}) {
		t.Errorf("Ana read %q", got)
	}
	want := []string{"system: Olga", "customer: slow question from [REDACTED_EMAIL]", "customer: still there?", "person: Olga here", "system: Olga", "customer: thanks", "agent: re: thanks"}
	if got := transcript(r, c.ID); !slices.Equal(got, want) {
		t.Errorf("transcript %q", got)
	}
	var prompt []string
	for _, m := range asked(r, "thanks").Messages {
		if m.Role != "system" {
			prompt = append(prompt, m.Role+": "+m.Content)
		}
	}
	if want := []string{"user: slow question from [REDACTED_EMAIL]", "user: still there?", "assistant: Olga here", "user: thanks"}; !slices.Equal(prompt, want) {
		t.Errorf("the agent knows %q", prompt)
	}
	r.stop()
	if name := holds(t, r.data, "ana@example.org"); name != "" {
		t.Errorf("the raw text is in %s", name)
	}
}

// The owner answers from the phone while the model is writing.
func TestAnAnswerFromThePhoneSilencesTheAgent(t *testing.T) {
	r := newRig(t, rigOptions{})
	hanging(r, "slow")
	r.post(r.meta.Text(ana, "slow one"))
	asked(r, "slow")
	r.post(r.meta.Echo(ana, "I am on it"))
	r.idle()
	r.post(r.meta.Image(ana, emulator.Media{MIME: "image/png", Data: []byte("x"), Caption: "this one"}))
	r.idle()
	c := conversationOf(r, ana)
	if !c.Taken(time.Now()) || c.TakenBy != store.TakenByPhone {
		t.Errorf("taken until %v by %q", c.TakenUntil.Time(), c.TakenBy)
	}
	want := []string{"system: phone", "customer: slow one", "person: I am on it", "customer: this one\n[Attached image: image/png]"}
	if got := transcript(r, c.ID); !slices.Equal(got, want) {
		t.Errorf("transcript %q", got)
	}
	if got := r.read(ana); !slices.Equal(got, []string{"I am on it"}) {
		t.Errorf("Ana read %q", got)
	}
	if err := r.app.store.HandBack(c.ID, "Olga"); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Text(ana, "and now?"))
	r.reads(ana, "re: and now?")
}

// A person sees that it is no machine and lets the agent answer again.
func TestHandingBackEndsTheMute(t *testing.T) {
	r := newRig(t, rigOptions{channels: "    debounce: {quiet_seconds: 0, max_seconds: 5}\n    loop_guard: {window_seconds: 60, max_messages: 20}\n"})
	for i := range 6 {
		r.post(r.meta.Text(ana, "hello?"))
		if i < 4 {
			r.until("a reply", func() bool { return len(r.read(ana)) > i })
		}
	}
	r.idle()
	c := conversationOf(r, ana)
	if c.MutedUntil.Time().Before(time.Now()) {
		t.Fatal("the conversation is not muted")
	}
	if err := r.app.store.HandBack(c.ID, "Olga"); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Text(ana, "I am a person"))
	r.reads(ana, "re: I am a person")
}
