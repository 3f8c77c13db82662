package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"astromesh/web/form"
)

// SetupSteps are the cards of the first run; each is at /setup/ and its name.
var SetupSteps = []string{"model", "meta", "agent", "test"}

// SetupFrame is the way through the cards.
type SetupFrame struct {
	Now   string // the card that is open; "done" = the last page
	Saved string // what was just done
	Steps []SetupStep
	Demo  bool   // Meta's side is played by the program
	Agent string // that answers
}

// SetupStep is one card; Done is earned by a check.
type SetupStep struct {
	Name string
	Done bool
}

// after is the address that "Later" leads to.
func (f SetupFrame) after() string {
	for i, s := range f.Steps {
		if s.Name == f.Now && i+1 < len(f.Steps) {
			return "/setup/" + f.Steps[i+1].Name
		}
	}
	return "/setup/done"
}

func (f SetupFrame) done(name string) bool {
	for _, s := range f.Steps {
		if s.Name == name {
			return s.Done
		}
	}
	return false
}

// tried says that the last card is open and nothing is left to try.
func (f SetupFrame) tried() bool { return f.Now == "test" && f.done("test") }

func (f SetupFrame) allDone() bool {
	for _, s := range f.Steps {
		if !s.Done {
			return false
		}
	}
	return true
}

// ModelState is what stands on the model server.
type ModelState struct {
	Endpoint string
	Reached  bool
	Agent    string
	Builtin  bool     // the agent answers without any server
	Wanted   []string // the agent's models
	Models   []InstalledModel
}

// InstalledModel is one model that can write.
type InstalledModel struct {
	Name              string
	Size              int64
	Sees, Tools, Used bool
}

func (s ModelState) used() bool {
	for _, m := range s.Models {
		if m.Used {
			return true
		}
	}
	return false
}

// Pull is a download: how far, how fast, how long still.
type Pull struct {
	Model, State string // State: "", running, done, failed, cancelled
	Fault, Cause string // of one that failed: a kind (model.PullFault), and the words for the small print
	Checked      bool   // all has come and is looked over
	Done, Total  int64  // bytes
	Rate         int64  // bytes a second; 0 = not known yet
	Left         time.Duration
}

// suggestion is a small model that answers on a computer without a graphics
// card. Sizes are Ollama's, of the download.
type suggestion struct {
	name, size string
	sees       bool
}

var suggestions = []suggestion{{"gemma3:4b", "3.3 GB", true}, {"qwen3:4b", "2.6 GB", false}, {"llama3.2:3b", "2.0 GB", false}}

// AgentCard is the form of the agent's name and instructions.
type AgentCard struct {
	Form      form.AgentCard
	Answering Answering
	Serving   bool // an agent is in service
}

// Arrivals is how far the first message has come.
type Arrivals struct {
	Handshake, Refused, BadSignature, Arrived, Answered, Demo bool
}

// Bytes is a size as an owner reads it.
func Bytes(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%d MB", n/1e6)
	default:
		return fmt.Sprintf("%d kB", n/1e3)
	}
}

// timeLeft is a duration in words, rounded up.
func timeLeft(ctx context.Context, d time.Duration) string {
	if d < time.Minute {
		return T(ctx, "setup.seconds", max(int(d.Seconds()), 1))
	}
	return T(ctx, "setup.minutes", int(d.Minutes()+0.999))
}

func join(names []string) string { return strings.Join(names, ", ") }

// onlyDigits is a telephone number as WhatsApp's links want it.
func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
