package app

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

// The whole way: from a signed webhook of Meta's side to the text that the
// customer reads, and what is left behind.
func TestFromWebhookToReply(t *testing.T) {
	r := newRig(t, rigOptions{})
	if err := r.meta.Subscribe(r.ctx); err != nil {
		t.Fatalf("handshake: %v", err)
	}
	r.post(r.meta.Text(ana, "do you deliver? my mail is ana@example.org"))
	r.reads(ana, "re: do you deliver? my mail is [REDACTED_EMAIL]")
	r.idle()

	var list struct {
		Conversations []struct {
			ID        int64
			SessionID string `json:"session_id"`
			Name      string
		}
	}
	if r.api("GET", "/v1/conversations", "", &list); len(list.Conversations) != 1 || list.Conversations[0].SessionID != "wa_34600111222" || list.Conversations[0].Name != "Ana" {
		t.Fatalf("conversations = %+v", list)
	}
	type line struct{ Author, Text, Delivery string }
	var transcript struct{ Messages []line }
	path := fmt.Sprintf("/v1/conversations/%d", list.Conversations[0].ID)
	r.until("the read tick", func() bool {
		r.api("GET", path, "", &transcript)
		return len(transcript.Messages) == 2 && transcript.Messages[1].Delivery == "read"
	})
	want := []line{{"customer", "do you deliver? my mail is [REDACTED_EMAIL]", ""}, {"agent", "re: do you deliver? my mail is [REDACTED_EMAIL]", "read"}}
	if !slices.Equal(transcript.Messages, want) {
		t.Errorf("transcript = %+v", transcript.Messages)
	}
	var memory struct {
		History []struct{ Role, Content string }
	}
	if r.api("GET", "/v1/memory/shop/history/wa_34600111222", "", &memory); len(memory.History) != 2 {
		t.Errorf("memory = %+v", memory)
	}
	r.until("the typing sign, which no turn waits for", func() bool {
		return slices.ContainsFunc(r.meta.Marks(), func(m emulator.Mark) bool { return m.Typing })
	})
	r.until("the raw text to leave the disk", func() bool { return holds(t, r.data, "ana@example.org") == "" })
	r.stop()
	for _, secret := range []string{"ana@example.org", testToken, testSecret, testVerify} {
		if name := holds(t, r.data, secret); name != "" {
			t.Errorf("%q is in %s", secret, name)
		}
		if strings.Contains(r.logText.String(), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	if strings.Contains(r.logText.String(), "34600111222") {
		t.Error("a phone number is in the log at info")
	}
}

// holds names the file of a folder that holds a text.
func holds(t *testing.T, dir, text string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || found != "" {
			return gone(err)
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			found = e.Name()
		}
		return gone(err)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// gone forgives that a running program has taken a file away meanwhile.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func TestDuplicatesAndBatches(t *testing.T) {
	r := newRig(t, rigOptions{})
	luis := emulator.User{Phone: "34600999888", Name: "Luis"}
	hello, other := r.meta.Text(ana, "hello"), r.meta.Text(luis, "other")
	if err := r.meta.DeliverPlan(emulator.Plan{Copies: 8, Concurrent: true}, hello, other).Wait(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.post(hello)
	r.reads(ana, "re: hello") // what lies there together is one turn
	r.post(r.meta.RawMessage(ana, []byte(`{"id":7,"type":[]}`)), r.meta.Text(ana, "good one"), r.meta.RawMessage(luis, []byte(`"garbage"`)))
	r.reads(ana, "re: good one")
	r.reads(luis, "re: other")
	r.idle()
	if got := r.read(ana); !slices.Equal(got, []string{"re: hello", "re: good one"}) {
		t.Errorf("Ana read %q", got)
	}
	if d := r.meta.Duplicates(); len(d) > 0 {
		t.Errorf("answered twice: %+v", d)
	}
}

func TestABurstIsOneTurn(t *testing.T) {
	r := newRig(t, rigOptions{channels: "    debounce: {quiet_seconds: 3, max_seconds: 30}\n"}) // a busy machine needs its time for three webhooks
	r.post(r.meta.Text(ana, "two pizzas"))
	r.post(r.meta.Text(ana, "no onion"))
	r.post(r.meta.Text(ana, "for eight"))
	r.reads(ana, "re: two pizzas\nno onion\nfor eight")
	r.idle()
	if got := r.read(ana); len(got) != 1 {
		t.Errorf("read %q, want one reply", got)
	}
}

// A slow answer to one customer holds up nobody else, and each one's order is kept.
func TestASlowCustomerHoldsNobodyUp(t *testing.T) {
	r := newRig(t, rigOptions{})
	release := make(chan struct{})
	r.ollama.Set("seer", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "vision"}, Answer: func(req api.ChatRequest) modeltest.Reply {
		if strings.Contains(req.Messages[len(req.Messages)-1].Content, "slow") {
			<-release
		}
		return echoLast(req)
	}})
	r.post(r.meta.Text(ana, "slow one"))
	asked(r, "slow one") // what lies there together is one turn
	r.post(r.meta.Text(ana, "after it"))
	luis := emulator.User{Phone: "34600999888", Name: "Luis"}
	r.post(r.meta.Text(luis, "quick"))
	r.reads(luis, "re: quick")
	if got := r.read(ana); len(got) > 0 {
		t.Errorf("Ana read %q before the model answered", got)
	}
	close(release)
	r.reads(ana, "re: after it")
	if got := r.read(ana); !slices.Equal(got, []string{"re: slow one", "re: after it"}) {
		t.Errorf("order lost: %q", got)
	}
}

func TestAPictureReachesAModelThatSees(t *testing.T) {
	r := newRig(t, rigOptions{})
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	r.post(r.meta.Image(ana, emulator.Media{MIME: "image/png", Data: b.Bytes(), Caption: "what is this?"}))
	r.reads(ana, "re: what is this?")
	last := asked(r, "what is this?")
	if m := last.Messages[len(last.Messages)-1]; last.Model != "seer" || len(m.Images) != 1 || !bytes.Equal(m.Images[0], b.Bytes()) {
		t.Errorf("model %s got %d images", last.Model, len(m.Images))
	}
	r.post(r.meta.Audio(ana, emulator.Media{MIME: "audio/ogg", Data: bytes.Repeat([]byte("x"), 15234)}))
	r.reads(ana, "re: [Attached audio: audio/ogg, 15234 bytes]")
}

func TestACustomerWithoutANumber(t *testing.T) {
	r := newRig(t, rigOptions{})
	hidden := emulator.User{UserID: "US.13491208655302741918", Username: "anita", Name: "Anita"}
	r.post(r.meta.Text(hidden, "hi"))
	r.reads(hidden, "re: hi")
	sent := r.meta.Sent()
	if s := sent[len(sent)-1]; s.To != "" || s.Recipient != hidden.UserID {
		t.Errorf("addressed to %q, recipient %q", s.To, s.Recipient)
	}
	var memory struct{ History []any }
	if r.api("GET", "/v1/memory/shop/history/wa_US.13491208655302741918", "", &memory); len(memory.History) != 2 {
		t.Errorf("memory = %v", memory)
	}
}

func TestWhatIsNotAnswered(t *testing.T) {
	r := newRig(t, rigOptions{})
	first := r.meta.Text(ana, "hello")
	r.post(first)
	r.reads(ana, "re: hello")
	r.post(r.meta.Reaction(ana, "wamid.x", "👍"), r.meta.Edit(ana, "wamid.x", "hello!"), r.meta.Revoke(ana, "wamid.x"),
		r.meta.Welcome(ana), r.meta.System(emulator.User{Phone: "34600555444", Name: "Eva"}, "34600555445"), r.meta.Echo(emulator.User{Phone: "34600555444", Name: "Eva"}, "the owner wrote this"), r.meta.DashboardTest(),
		r.meta.Text(ana, "to another number").On(emulator.Number{ID: "999999999999999", Display: "15550009999"}))
	r.post(r.meta.Unsupported(ana, "poll"))
	r.post(r.meta.Unsupported(ana, "poll"))
	r.idle()
	r.post(r.meta.Text(ana, "last"))
	r.reads(ana, "re: last")
	var notices int
	for _, text := range r.read(ana) {
		if !strings.HasPrefix(text, "re: ") {
			notices++
		}
	}
	if notices != 1 {
		t.Errorf("read %q: want one notice about the unsupported messages", r.read(ana))
	}
	var list struct{ Conversations []any }
	if r.api("GET", "/v1/conversations", "", &list); len(list.Conversations) != 2 { // Ana and Eva
		t.Errorf("%d conversations: the dashboard's test made one", len(list.Conversations))
	}
}

func TestMessagesThatWaitSurviveARestart(t *testing.T) {
	r := newRig(t, rigOptions{channels: "    debounce: {quiet_seconds: 3600, max_seconds: 3600}\n"})
	r.post(r.meta.Text(ana, "one"), r.meta.Text(ana, "two"))
	r.write("channels.yaml", testChannels+"    debounce: {quiet_seconds: 0, max_seconds: 5}\n")
	r.restart()
	r.until("both", func() bool {
		all := strings.Join(r.read(ana), " ")
		return strings.Contains(all, "one") && strings.Contains(all, "two")
	})
}

func TestAMachineAtTheOtherEnd(t *testing.T) {
	r := newRig(t, rigOptions{channels: "    debounce: {quiet_seconds: 0, max_seconds: 5}\n    loop_guard: {window_seconds: 60, max_messages: 20}\n"})
	for i := range 12 {
		r.post(r.meta.Text(ana, "Thank you for contacting us!"))
		if i < 4 {
			r.until("a reply", func() bool { return len(r.read(ana)) > i })
		}
	}
	r.idle()
	if n := len(r.read(ana)); n != 4 {
		t.Errorf("answered %d times, want 4", n)
	}
	luis := emulator.User{Phone: "34600999888"}
	for i := range 30 {
		r.post(r.meta.Text(luis, fmt.Sprint("different ", i)))
	}
	r.idle()
	if n := len(r.read(luis)); n == 0 || n > 20 {
		t.Errorf("answered %d times, want at most 20", n)
	}
}
