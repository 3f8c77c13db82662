package agent

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
	"astromesh/store/storetest"

	"github.com/ollama/ollama/api"
)

// A customer writes while the server writes a summary: it is stopped at once, the
// customer is answered, and the summary is made after that.
func TestSummaryGivesWayToACustomer(t *testing.T) {
	fake := modeltest.NewFake()
	var slow atomic.Bool
	slow.Store(true)
	fake.Set("m", modeltest.FakeModel{Answer: func(r api.ChatRequest) modeltest.Reply {
		switch last := r.Messages[len(r.Messages)-1].Content; {
		case !strings.HasPrefix(last, "(This is not from the customer."):
			return modeltest.Text("Certainly.")
		case slow.Load():
			return modeltest.Reply{Pieces: slices.Repeat([]string{"and "}, 1000), Between: 100 * time.Millisecond}
		default:
			return modeltest.Text("Ana wants two cakes.")
		}
	}})
	st := storetest.New(t)
	for i := range 3 {
		talked(t, st, i)
	}
	cfg := helper(func(s *config.AgentSpec) {
		s.Tools = nil
		s.Model.Primary = &config.Candidate{Provider: "ollama", Model: "m", Endpoint: fake.URL}
		s.Memory.Conversational = &config.ConversationalMemory{Strategy: "summary", MaxTurns: 6}
	})
	a, err := New(cfg, 1, Parts{Store: st, Now: noon, Servers: model.NewServers(model.Options{Transport: fake.Transport()})})
	if err != nil {
		t.Fatal(err)
	}
	settled := make(chan []Notice)
	go func() {
		done, err := a.Settle(t.Context(), said().SessionID, said().Customer)
		notices := done.Notices
		if err != nil {
			notices = append(notices, Notice{Text: err.Error()})
		}
		settled <- notices
	}()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for len(fake.Requests()) == 0 {
		<-tick.C
	}
	in, began := said("and now?"), time.Now()
	r := turnOf(t, a, in)
	if took := time.Since(began); took > 10*time.Second || r.Reply != "Certainly." {
		t.Errorf("answered %q after %s", r.Reply, took)
	}
	if notices := <-settled; len(notices) > 0 {
		t.Errorf("notices %v", notices)
	}
	if w, err := st.MemoryWindow(t.Context(), a.Name(), in.SessionID); err != nil || w.At != 0 {
		t.Errorf("window %+v, %v", w, err)
	}
	slow.Store(false)
	remember(t, st, a, in, r)
	settle(t, a)
	if w, err := st.MemoryWindow(t.Context(), a.Name(), in.SessionID); err != nil || w.Summary != "Ana wants two cakes." {
		t.Errorf("window %+v, %v", w, err)
	}
}
