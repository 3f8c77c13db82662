package agent

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/channel"
	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"
	"astromesh/store"
	"astromesh/store/storetest"
)

// benchMessages says how long the conversations of BenchmarkWindow are, in
// messages of both sides together: short ones unless asked for others. The window
// holds a third of them.
const benchMessages = "ASTROMESH_BENCH_MESSAGES"

// BenchmarkWindow plays a conversation with a real Ollama and a model of random
// weights, alone and with four customers in turn, and prints for each message how
// long its customer waits for the prompt: with this program's window, with one that
// drops an exchange a message, and with a history that is never trimmed. What is
// computed ahead is computed while nobody waits, and printed beside. The figures
// in tokens come from the server's log; they do not depend on the machine.
//
// Of 60 messages the one alone takes 6 minutes on two quiet cores, four customers
// about an hour:
//
//	ASTROMESH_BENCH_MESSAGES=60 go test ./runtime/agent -run '^$' -bench Window/1 -benchtime 1x -timeout 3h
func BenchmarkWindow(b *testing.B) {
	messages := 12
	if s := os.Getenv(benchMessages); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 12 {
			b.Fatalf("%s: %q is not a number of messages, 12 or more", benchMessages, s)
		}
		messages = n
	}
	window := messages / 6 * 2
	server := modeltest.Start(b, "OLLAMA_DEBUG=1")
	server.Create(b, "random", modeltest.Random{})
	for _, customers := range []int{1, 4} {
		if customers > 1 && os.Getenv(benchMessages) == "" {
			continue // four times as long
		}
		b.Run(fmt.Sprintf("%d_customers", customers), func(b *testing.B) {
			for b.Loop() {
				play := func(kind string, limit int, settles bool) []waited {
					r := windowRun{TB: b, server: server, kind: kind, limit: limit, settles: settles, slide: kind == "drops"}
					return r.play(messages/2, customers)
				}
				ours := play("window", window, true)
				drops := play("drops", window, false)
				never := play("never", 10*messages, false)
				ahead := never
				if customers == 1 { // with several, the next one's message finds another's prompt
					ahead = play("ahead", 10*messages, true)
				}
				tell(b, customers, ours, drops, never, ahead)
			}
		})
	}
}

// waited is what one message cost.
type waited struct {
	customer   int
	took       time.Duration // reading the prompt, while the customer waits
	read       int           // tokens of it that were computed
	aheadTook  time.Duration // reading the next prompt, while nobody waits
	aheadRead  int
	windowSize int
}

// windowRun plays conversations with one kind of window.
type windowRun struct {
	testing.TB
	server  *modeltest.Server
	kind    string
	limit   int
	settles bool // what can be computed ahead is, after each reply
	slide   bool // an exchange is dropped with each message

	st    *store.Store
	agent *Agent
	ahead *[]model.Usage
}

func (w *windowRun) play(exchanges, customers int) []waited {
	w.st = storetest.New(w)
	w.build()
	var list []waited
	for n := range exchanges {
		for c := range customers {
			list = append(list, w.exchange(n, c))
		}
	}
	return list
}

func (w *windowRun) build() {
	cfg := helper(func(s *config.AgentSpec) {
		s.Tools = nil
		s.Orchestration.TimeoutSeconds = config.Duration(20 * time.Minute)
		s.Prompts.System = w.kind + ": you help the customers of a bakery." // no two runs share a beginning
		s.Memory.Conversational.MaxTurns = w.limit
		s.Model.Primary = &config.Candidate{Provider: "ollama", Model: "random", Endpoint: w.server.URL, Parameters: map[string]any{
			"num_ctx": 8192, "max_tokens": 10, "temperature": 1.0, "seed": 7,
		}}
	})
	if w.slide {
		cfg.Spec.Memory.Conversational.MaxTurns = 10 * w.limit * 60
	}
	a, err := New(cfg, 1, Parts{Store: w.st, Now: noon, Servers: model.NewServers(model.Options{})})
	if err != nil {
		w.Fatal(err)
	}
	w.agent, w.ahead = a, spied(a)
}

// exchange lets a customer write and the agent answer, and then be quiet for as
// long as what is done ahead takes.
func (w *windowRun) exchange(n, customer int) waited {
	in := Input{TurnID: fmt.Sprintf("t%d-%d", customer, n), SessionID: fmt.Sprintf("wa_3460000000%d", customer), Customer: channel.Customer{Phone: fmt.Sprintf("3460000000%d", customer), Name: "Ana"}}
	in.Said = []Said{{Text: fmt.Sprintf("%c%d is my question", 'a'+customer, n)}}
	if w.slide && 2*n > w.limit {
		w.slideTo(in.SessionID, int64(2*n-w.limit))
	}
	m := waited{customer: customer}
	before := len(w.server.Reads(w, 0))
	r := turnOf(w, w.agent, in)
	m.took, m.windowSize = r.Usage[0].PromptEval, len(r.Prompt)
	m.read = w.server.Reads(w, before+1)[before].Computed
	remember(w, w.st, w.agent, in, r)
	if !w.settles {
		return m
	}
	*w.ahead = nil
	if _, err := w.agent.Settle(w.Context(), in.SessionID, in.Customer); err != nil {
		w.Fatal(err)
	}
	for i, u := range *w.ahead {
		m.aheadTook += u.PromptEval
		m.aheadRead += w.server.Reads(w, before+2+i)[before+1+i].Computed
	}
	return m
}

func (w *windowRun) slideTo(session string, first int64) {
	at, err := w.st.MemoryWindow(w.Context(), w.agent.Name(), session)
	if err == nil {
		at.First = first
		err = w.st.SaveWindow(at, nil)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// tell prints the table, and how the worst message compares, in tokens.
func tell(b *testing.B, customers int, ours, drops, never, ahead []waited) {
	var t strings.Builder
	t.WriteString("\nprompt while the customer waits, tokens computed and milliseconds; * = the window moved before it\n")
	t.WriteString("message customer       window      ahead of it |  drops one a message |       never trimmed | never trimmed, ahead too\n")
	worst, worstAhead := 0.0, 0.0
	var sum, sumDrops, sumNever time.Duration
	for i := range ours {
		moved := " "
		if i >= customers && ours[i].windowSize <= ours[i-customers].windowSize {
			moved = "*"
		}
		fmt.Fprintf(&t, "%7d %8d %s %s %s | %s | %s | %s\n", i+1, ours[i].customer+1, moved, costOf(ours[i].read, ours[i].took),
			costOf(ours[i].aheadRead, ours[i].aheadTook), costOf(drops[i].read, drops[i].took), costOf(never[i].read, never[i].took), costOf(ahead[i].read, ahead[i].took))
		worst = max(worst, float64(ours[i].read)/float64(never[i].read))
		worstAhead = max(worstAhead, float64(ours[i].read)/float64(ahead[i].read))
		sum, sumDrops, sumNever = sum+ours[i].took, sumDrops+drops[i].took, sumNever+never[i].took
	}
	fmt.Println(t.String()) // the log of a benchmark is cut after ten lines
	n := float64(len(ours))
	b.ReportMetric(float64(sum.Milliseconds())/n, "ms/message")
	b.ReportMetric(float64(sumDrops.Milliseconds())/n, "ms/message-dropping-one")
	b.ReportMetric(float64(sumNever.Milliseconds())/n, "ms/message-never-trimmed")
	b.ReportMetric(worst, "worst-of-never")
	b.ReportMetric(worstAhead, "worst-of-never-ahead")
}

func costOf(tokens int, took time.Duration) string {
	return fmt.Sprintf("%5d %7d ms", tokens, took.Milliseconds())
}

// spied notes what an agent's calls in the background cost.
func spied(a *Agent) *[]model.Usage {
	var list []model.Usage
	chat := a.chat
	a.chat = func(ctx context.Context, req model.Request) (model.Response, error) {
		r, err := chat(ctx, req)
		if req.Background && err == nil {
			list = append(list, r.Usage)
		}
		return r, err
	}
	return &list
}
