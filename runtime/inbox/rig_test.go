package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/store/storetest"
)

var (
	ana   = channel.Customer{Phone: "34600111222", Name: "Ana"}
	luis  = channel.Customer{Phone: "34600999888", Name: "Luis"}
	errNo = &model.Error{Candidate: "test/script", Unreachable: true, Reason: "Nobody is there."}
)

// script is a model that says what a test tells it to.
type script struct {
	mu    sync.Mutex
	say   func(ctx context.Context, last string) (string, error)
	asked []string // the last message of each request
	isOff bool
}

func (*script) Name() string { return "test/script" }

func (*script) Capabilities(context.Context) (model.Capabilities, error) {
	return model.Capabilities{Tools: true, Vision: true}, nil
}

func (*script) Warm(context.Context) error { return nil }

func (s *script) Chat(ctx context.Context, req model.Request) (model.Response, error) {
	last := req.Messages[len(req.Messages)-1].Content
	s.mu.Lock()
	if !req.Background {
		s.asked = append(s.asked, last)
	}
	say := s.say
	if s.isOff {
		say = func(context.Context, string) (string, error) { return "", errNo }
	}
	s.mu.Unlock()
	text, err := say(ctx, last)
	return model.Response{Content: text, Usage: model.Usage{Candidate: "test/script"}}, err
}

func (s *script) set(say func(ctx context.Context, last string) (string, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say = say
}

// off makes it a model whose server cannot be reached.
func (s *script) off(off bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOff = off
}

// Alive is how the router asks whether it is back.
func (s *script) Alive(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isOff {
		return errNo
	}
	return nil
}

func (s *script) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func echo(_ context.Context, last string) (string, error) { return "re: " + last, nil }

// phone is the channel's side: it remembers what was marked as read, and has one
// file.
type phone struct {
	mu    sync.Mutex
	marks []string
	slow  time.Duration // how long a mark takes
	busy  int           // marks under way
	most  int           // of them, at once
	typed int           // marks that show typing
}

func (p *phone) Send(context.Context, channel.Outbound) (channel.Receipt, error) {
	return channel.Receipt{}, errors.New("the inbox sends nothing")
}

func (p *phone) MarkRead(_ context.Context, _, id string, typing bool) error {
	p.mu.Lock()
	if typing {
		p.typed++
	}
	p.busy++
	p.most = max(p.most, p.busy)
	p.mu.Unlock()
	<-time.After(p.slow)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	p.marks = append(p.marks, id)
	return nil
}

func (p *phone) Fetch(_ context.Context, _ string, m channel.Media) (channel.File, error) {
	if m.ID == "gone" {
		return channel.File{}, errors.New("no such file")
	}
	return channel.File{MIME: m.MIME, Data: []byte("data of " + m.ID)}, nil
}

// rig is a dispatcher on a real store, with time of its own: hours pass at once
// where nothing is left to do. It lives in one bubble.
type rig struct {
	*testing.T
	dir   string
	store *store.Store
	model *script
	phone *phone
	set   Settings
	d     *Dispatcher
	log   *bytes.Buffer
	split func(string) []string
	sent  int // ids given to messages
	// strategy of the agent's memory, from the next start on.
	strategy string
	halt     func()
}

// inBubble runs a test on a rig that answers at once, and stops it in order.
func inBubble(t *testing.T, body func(r *rig)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := &rig{T: t, dir: dir, model: &script{say: echo}, phone: &phone{}, log: &bytes.Buffer{},
			split: func(reply string) []string { return strings.Split(reply, "||") }}
		r.set = Settings{DefaultAgent: "helper", LoopWindow: time.Minute, LoopMax: 20, RetryFor: 2 * time.Minute, MaxQuiet: time.Minute,
			Texts: Texts{Error: one("sorry"), Blocked: one("blocked"), TooLong: one("too long"), Unsupported: one("cannot show that")}}
		r.store = storetest.Open(t, dir, nil)
		r.start()
		body(r)
		r.halt()
		if t.Failed() {
			t.Log(r.log.String())
		}
	})
}

func one(text string) map[string]string { return map[string]string{"": text} }

func (r *rig) start() {
	r.Helper()
	var agents agent.Registry
	cfg := &config.Agent{Metadata: config.Metadata{Name: "helper", Version: "1"}}
	cfg.Spec.Model.Primary = &config.Candidate{Provider: "ollama", Model: "m"}
	cfg.Spec.Prompts.System = "You help."
	cfg.Spec.Orchestration = config.Orchestration{MaxIterations: 3, TimeoutSeconds: config.Duration(time.Hour)}
	cfg.Spec.Memory.Conversational = &config.ConversationalMemory{MaxTurns: 6, Strategy: r.strategy}
	a, err := agent.New(cfg, 1, agent.Parts{Store: r.store, Model: func(config.Candidate) (model.LLM, error) { return r.model, nil }})
	if err != nil {
		r.Fatal(err)
	}
	agents.Set([]*agent.Agent{a})
	r.d = New(Parts{
		Store: r.store, Agents: &agents, Sender: r.phone, Settings: func() Settings { return r.set },
		Split: func(s string) []string { return r.split(s) }, Replied: func() {},
		Log: slog.New(slog.NewTextHandler(r.log, nil)), StopWithin: 8 * time.Second,
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.d.Run(ctx) }()
	r.halt = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.Errorf("dispatcher: %v", err)
		}
	})
	synctest.Wait()
}

// event makes a customer's message.
func (r *rig) event(who channel.Customer, kind channel.Kind, treat channel.Treatment, text string) channel.Inbound {
	r.sent++
	return channel.Inbound{ID: fmt.Sprint("m", r.sent), Account: "555", From: who, At: time.Now(), Kind: kind, Treatment: treat, Text: text}
}

// take puts events on disk as the webhook does, and wakes the dispatcher.
func (r *rig) take(events ...channel.Inbound) {
	r.Helper()
	var rows []store.Inbox
	for _, e := range events {
		payload, err := json.Marshal(e)
		if err != nil {
			r.Fatal(err)
		}
		rows = append(rows, store.Inbox{MessageID: e.ID, Kind: string(e.Kind), Treatment: string(e.Treatment), Payload: payload, At: store.At(e.At)})
	}
	if _, err := r.store.Accept(rows, nil); err != nil {
		r.Fatal(err)
	}
	r.d.Wake()
}

// write is a customer who writes texts, one after the other.
func (r *rig) write(who channel.Customer, texts ...string) {
	r.Helper()
	for _, text := range texts {
		r.take(r.event(who, channel.KindText, channel.Answer, text))
	}
}

// pass lets time pass, and what is due in it happen.
func (r *rig) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// replies are what waits to be sent to a customer, in order.
func (r *rig) replies(who channel.Customer) (texts []string) {
	r.Helper()
	for _, l := range r.transcript(who) {
		if l.OutboxID != "" {
			texts = append(texts, l.Text)
		}
	}
	return texts
}

func (r *rig) transcript(who channel.Customer) []store.Line {
	r.Helper()
	c, err := r.store.ConversationBySession(r.Context(), who.SessionID())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		r.Fatal(err)
	}
	lines, err := r.store.Transcript(r.Context(), c.ID, 0, 1000)
	if err != nil {
		r.Fatal(err)
	}
	return lines
}

func (r *rig) wants(who channel.Customer, texts ...string) {
	r.Helper()
	if got := r.replies(who); !slices.Equal(got, texts) {
		r.Errorf("%s reads %q, want %q", who.Name, got, texts)
	}
}

// open counts inbox rows that are not done.
func (r *rig) open() int64 {
	r.Helper()
	n, _, err := r.store.InboxWaiting(r.Context())
	if err != nil {
		r.Fatal(err)
	}
	return n
}

// tries is until when a customer's turn tries to reach a model.
func (r *rig) tries(who channel.Customer) time.Time {
	r.Helper()
	c, err := r.store.ConversationBySession(r.Context(), who.SessionID())
	if err != nil {
		r.Fatal(err)
	}
	return r.d.WaitsForModel(c.ID)
}

// person is why somebody is asked to look at a customer's conversation.
func (r *rig) person(who channel.Customer) string {
	r.Helper()
	c, err := r.store.ConversationBySession(r.Context(), who.SessionID())
	if err != nil {
		r.Fatal(err)
	}
	return c.NeedsPerson
}
