package model_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
	"astromesh/runtime/model/modeltest"

	"github.com/ollama/ollama/api"
)

// hi is the smallest request.
func hi() model.Request { return model.Request{Messages: []model.Message{user("hi")}} }

// setUp returns a fake and servers that reach it without a network.
func setUp() (*modeltest.Fake, *model.Servers) {
	fake := modeltest.NewFake()
	return fake, model.NewServers(model.Options{DefaultOllama: fake.URL, Transport: fake.Transport()})
}

// setUpLocal is setUp with an address on this computer.
func setUpLocal() (*modeltest.Fake, *model.Servers) {
	fake := modeltest.NewFake()
	return fake, model.NewServers(model.Options{Transport: fake.Transport()})
}

func answers(reply modeltest.Reply) modeltest.FakeModel {
	return modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply { return reply }}
}

func many(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// failureTest is one thing that a server can do wrong.
type failureTest struct {
	name        string
	reply       modeltest.Reply
	unreachable bool
	reason      string // part of the sentence for the owner
}

func failureTests() []failureTest {
	return []failureTest{
		{"cut stream", modeltest.Reply{Pieces: []string{"We op"}, Cut: true}, false, "stopped in the middle"},
		{"stream without end", modeltest.Reply{Raw: `{"message":{"content":"We op"}}` + "\n"}, false, "stopped in the middle"},
		{"garbage", modeltest.Reply{Raw: "<html>hello</html>\n"}, false, "does not speak as Ollama"},
		{"garbage after a piece", modeltest.Reply{Raw: `{"message":{"content":"x"}}` + "\n\x00\x01\n"}, false, "does not speak as Ollama"},
		{"a list", modeltest.Reply{Raw: "[1,2]\n"}, false, "does not speak as Ollama"},
		{"only null", modeltest.Reply{Raw: "null\n\n"}, false, "stopped in the middle"},
		{"a line without end", modeltest.Reply{Raw: strings.Repeat("x", 2<<20)}, false, "does not speak as Ollama"},
		{"error line", modeltest.Reply{Pieces: []string{"We op"}, Error: "it broke"}, false, "it broke"},
		{"500", modeltest.Reply{Status: 500, Error: "runner has stopped"}, false, "runner has stopped"},
		{"no memory", modeltest.Reply{Status: 500, Error: "model requires more system memory (9 GiB) than is available"}, false, "needs more memory"},
		{"400", modeltest.Reply{Status: 400, Error: "does not support chat"}, false, "does not support chat"},
		{"401", modeltest.Reply{Status: 401, Error: "unauthorized"}, false, "refuses access"},
		{"404 of the model", modeltest.Reply{Status: 404, Error: "model 'm' not found"}, true, "The model m is not on this computer. Open Health and press Download, or run: ollama pull m."},
		{"404 of something else", modeltest.Reply{Status: 404, Error: "no such page"}, false, "is not Ollama"},
		{"503", modeltest.Reply{Status: 503, Error: "server busy"}, true, "busy"},
		{"nothing but space", modeltest.Reply{Pieces: []string{" ", "\n\t"}}, false, "answered with nothing"},
		{"empty", modeltest.Reply{}, false, "answered with nothing"},
		{"reasoned to the end", modeltest.Reply{Thinking: "hm, hm", Done: "length"}, false, "Raise max_tokens"},
		{"endless answer", modeltest.Reply{Pieces: many("never ", 20_000)}, false, "did not come to an end"},
		{"endless reasoning", modeltest.Reply{Thinking: strings.Repeat("hm ", 200_000)}, false, "did not come to an end"},
		{"silence", modeltest.Reply{Hang: true}, false, "has said nothing"},
		{"silence after a piece", modeltest.Reply{Pieces: []string{"We"}, Hang: true}, false, "has said nothing"},
	}
}

// passing are the failures after which it is worth asking the same model again.
var passing = map[string]bool{
	"cut stream": true, "stream without end": true, "only null": true, "error line": true, "500": true, "no memory": true,
	"error in mid-stream": true, "cut between pieces": true, "cut connection": true, "50 MB of an error": true,
}

func TestFailuresAreClear(t *testing.T) {
	for _, test := range failureTests() {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake, servers := setUpLocal()
				fake.Set("m", answers(test.reply))
				_, err := ollama(t, servers, model.OllamaConfig{Model: "m", Timeout: time.Minute}).Chat(t.Context(), hi())
				var e *model.Error
				if !errors.As(err, &e) {
					t.Fatalf("error is %T: %v", err, err)
				}
				if e.Passing != passing[test.name] {
					t.Errorf("passing %v", e.Passing)
				}
				if e.Unreachable != test.unreachable || !strings.Contains(e.Reason, test.reason) || e.Candidate != "ollama/m" {
					t.Errorf("unreachable %v, reason %q", e.Unreachable, e.Reason)
				}
				if q := servers.Health(t.Context())[0].Queue; q.Active != 0 {
					t.Errorf("the place in the queue was not given back: %+v", q)
				}
				synctest.Wait()
			})
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.Says("hello"))
	llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
	fake.Down(true)
	_, err := llm.Chat(t.Context(), hi())
	var e *model.Error
	if !errors.As(err, &e) || !e.Unreachable || !strings.Contains(e.Reason, "Ollama does not answer at http://ollama.test:80. Start it") {
		t.Fatalf("error %v", err)
	}
	if err := llm.Warm(t.Context()); !errors.As(err, &e) || !e.Unreachable {
		t.Errorf("warming: %v", err)
	}
	fake.Down(false)
	if got := chat(t, llm, hi()); got.Content != "hello" {
		t.Errorf("content %q", got.Content)
	}
}

// A server that stops in the middle of an answer cannot be reached; one that
// goes on after its model crashed can.
func TestServerGoesAwayInTheMiddle(t *testing.T) {
	fake, servers := setUp()
	fake.Set("m", modeltest.FakeModel{Answer: func(api.ChatRequest) modeltest.Reply {
		fake.Down(true)
		return modeltest.Reply{Pieces: []string{"We op"}, Cut: true}
	}})
	_, err := ollama(t, servers, model.OllamaConfig{Model: "m"}).Chat(t.Context(), hi())
	var e *model.Error
	if !errors.As(err, &e) || !e.Unreachable {
		t.Errorf("error %v", err)
	}
}

func TestTimeoutIsSilenceNotLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Pieces: many("word ", 30), Before: 9 * time.Second, Between: 9 * time.Second}))
		began := time.Now()
		got := chat(t, ollama(t, servers, model.OllamaConfig{Model: "m", Timeout: 10 * time.Second}), hi())
		if time.Since(began) != 30*9*time.Second || len(got.Content) != 150 {
			t.Errorf("%d bytes after %v", len(got.Content), time.Since(began))
		}
	})
}

func TestCancelledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Pieces: []string{"a", "b"}, Between: time.Hour}))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, err := ollama(t, servers, model.OllamaConfig{Model: "m"}).Chat(ctx, hi())
		if !errors.Is(err, context.Canceled) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		synctest.Wait()
	})
}

// A model that takes longer to load than a turn may take is loaded beside the
// turns: a cancelled request would make Ollama give up loading each time.
func TestColdModelIsLoadedBesideTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, servers := setUp()
		fake.Set("m", answers(modeltest.Reply{Hang: true}))
		llm := ollama(t, servers, model.OllamaConfig{Model: "m"})
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if _, err := llm.Chat(ctx, hi()); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		synctest.Wait()
		sent := fake.Requests()
		if len(sent) != 2 || len(sent[1].Messages) != 0 {
			t.Errorf("requests %+v", sent)
		}
	})
}
