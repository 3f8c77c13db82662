package view

import (
	"context"
	"strings"
	"time"

	"astromesh/web/form"
)

// AgentRow is one agent of the list.
type AgentRow struct {
	Name, Title, About string
	Status             string // live, draft, error, off
	Draft              bool   // there is one beside the live version
	Retired            bool   // off: it was taken out of service here
	Default            bool   // it answers customers
	File               string // where the live version came from; "" = the dashboard
	Version            int    // that is live; 0 = none
	Models             []string
	At                 time.Time // of the last change
	By                 string    // who made it; "" = the file
	Errors             []string
	Avatar             string // as in the file
	Own                string // version and namespace, the owner's own words
	Labels             map[string]string
}

// AgentEditor is the page of one agent.
type AgentEditor struct {
	Name, Title string
	Tab         string // form, yaml, versions
	YAML        string
	Base        int // the live version that is shown as such; 0 = none
	Default     bool
	Status      AgentStatus
	Problems    []AgentProblem
	Form        form.Agent
	FormProblem string // why the YAML cannot be shown as a form; "" = it can
	Versions    []AgentVersionRow
	From, To    int // versions that are compared; 0 = none
	Diff        []DiffLine
	Changes     *AgentChanges // what was asked for without a script
	Try         AgentTry
	FileErrors  []string // of the file that would be this agent
	Owner       bool
	Now         time.Time
	Nonce       string // for the editor's own styles
	Service     AgentService
}

// AgentService is whether an agent can be taken out of service, or brought back.
type AgentService struct {
	Name    string
	Live    int    // the version that can be taken out; 0 = none is in service
	Retired int    // the version that can be brought back; 0 = none
	File    string // that put it in service
	Why     string // key of a sentence: why it cannot be taken out; "" = it can
	Refused bool   // that was tried just now
	Changed bool   // somebody else did something just now
}

// AgentStatus says what the operator looks at, and what customers get.
type AgentStatus struct {
	Name  string
	Live  int       // version; 0 = none
	Draft bool      // the text is a saved draft
	By    string    // whose
	At    time.Time // when it was saved
	Stamp string    // stands for the save, to see a later one by somebody else
	Base  int       // the live version it was begun from
	Over  string    // whose draft was overwritten by this save; "" = nobody's
	Saved bool      // just now
	Note  string    // key of a sentence about why it was not saved
	Now   time.Time
}

// AgentProblem is a finding of the checks.
type AgentProblem struct {
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	Severity string `json:"severity"` // error, warning, note
	Text     string `json:"text"`
}

// AgentVersionRow is one version.
type AgentVersionRow struct {
	Version int
	Live    bool
	File    string // "" = from the dashboard
	By      string
	At      time.Time
}

// DiffLine is a line of a comparison: New is 0 where it was taken out, Old where
// it came in, both where equal lines are left out.
type DiffLine struct {
	Old, New int
	Text     string
}

// Kind is same, out, in or gap.
func (l DiffLine) Kind() string {
	switch {
	case l.Old == 0 && l.New == 0:
		return "gap"
	case l.New == 0:
		return "out"
	case l.Old == 0:
		return "in"
	default:
		return "same"
	}
}

// AgentChanges is what publishing would change.
type AgentChanges struct {
	Name     string
	Live     int // compared with; 0 = nothing is live
	Diff     []DiffLine
	Errors   []AgentProblem // that keep it from being published
	Conflict string         // who published in the meantime; "" = nobody did
	Owner    bool
	YAML     string // as compared: what is published is what was seen
	Back     string // the tab to come back to
}

// AgentTry is the telephone beside the editor.
type AgentTry struct {
	Name      string
	Live      bool // there is a live version to talk to
	Owner     bool // may talk to the draft
	Remembers int  // entries of memory from before
}

// TryReply is what came back from a try.
type TryReply struct {
	Bubbles  [][]PhoneSpan
	Problem  string // key of a sentence; "" = answered
	Detail   string // in small print, from the program
	Said     string // what the agent read, if the guardrails changed it
	Verdicts []TryVerdict
	Parts    []WhyPart // of the agent's pattern
	Tools    []TryTool
	Model    string
	Millis   int64
	Draft    bool // the draft answered
	Version  int  // else
	Clock    string
}

// TryVerdict is what the guardrails of one direction decided.
type TryVerdict struct {
	Direction, Action, Rule string
	Found                   []string
}

// TryTool is a call of a tool.
type TryTool struct {
	Name, Arguments, Result string
	Failed                  bool
	Millis                  int64
}

// NewAgentPage asks for a new agent.
type NewAgentPage struct {
	Form   form.NewAgent
	Agents []string
}

func statusWord(ctx context.Context, status string) string { return T(ctx, "agent.status_"+status) }

// statusColour goes with the word, never in its place.
func statusColour(status string) string {
	switch status {
	case "live":
		return "bg-green-lt"
	case "error":
		return "bg-red-lt"
	case "draft":
		return "bg-yellow-lt"
	default:
		return "bg-secondary-lt"
	}
}

// HiddenKinds are the kinds of private data that the form offers to hide, in order.
func HiddenKinds() []string {
	return []string{"EMAIL", "PHONE", "CC", "IBAN", "SSN", "ES_NIF", "BR_CPF", "BR_CNPJ", "AR_CUIT", "AR_DNI", "MX_CURP", "MX_RFC", "IP"}
}

// patternChoices are the ways to work on an answer, the usual one first.
func patternChoices() []string {
	return []string{"react", "plan_and_execute", "parallel_fan_out", "pipeline", "supervisor", "swarm"}
}

// memoryChoices are what of a conversation the model may read again.
func memoryChoices() []string { return []string{"sliding_window", "summary", "token_budget"} }

// toolWord is what a tool does, in words; its name where it is not ours.
func toolWord(ctx context.Context, name string) string {
	key := "agent.tool_" + name
	if word := T(ctx, key); word != key {
		return word
	}
	return name
}

// verdictWords say what the guardrails did.
func verdictWords(ctx context.Context, v TryVerdict) string {
	found := map[string]bool{}
	var words []string
	for _, entity := range v.Found {
		key := "agent.kind_" + entity
		word := T(ctx, key)
		if word == key {
			word = entity
		}
		if !found[word] {
			words, found[word] = append(words, word), true
		}
	}
	return T(ctx, "agent.verdict_"+v.Direction+"_"+v.Action, strings.Join(words, ", "))
}

func whoAnswered(ctx context.Context, r TryReply) string {
	if r.Draft {
		return T(ctx, "agent.try_by_draft")
	}
	return T(ctx, "agent.try_by_live", r.Version)
}

// AgentName is an agent to choose by what its owner calls it.
type AgentName struct {
	Name  string // in files and addresses
	Shown string // as its owner wrote it; "" or Name = it has no other
}

// title names it both ways: two agents may be called the same.
func (a AgentName) title() string {
	if a.Shown == "" || a.Shown == a.Name {
		return a.Name
	}
	return a.Shown + " (" + a.Name + ")"
}
