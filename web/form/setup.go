package form

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// ModelName is the name of a model, as Ollama writes it: "gemma3:4b",
// "hf.co/somebody/model:Q4_K_M".
type ModelName struct {
	Name   string
	Errors Errors
}

// Validate fills Errors and says whether there are none.
func (f *ModelName) Validate() bool {
	f.Errors = Errors{}
	if !onlyFrom(f.Name, tokenSigns+".:/", 2, 200) || strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") || strings.HasPrefix(f.Name, "-") {
		f.Errors.add("model", "setup.model_odd")
	}
	return len(f.Errors) == 0
}

// AgentCard is what the first run asks of the agent.
type AgentCard struct {
	Agent        string // chosen
	Shown        string // whose name and instructions the page showed
	Name         string
	Instructions string
	Listed       bool // it answers from a list of its own: instructions are not asked for
	Errors       Errors
}

// BindAgentCard reads the form.
func BindAgentCard(v url.Values) AgentCard {
	f := AgentCard{
		Agent: first(v, "agent"), Shown: first(v, "shown"), Name: strings.Join(strings.Fields(first(v, "name")), " "),
		Instructions: strings.TrimSpace(strings.ReplaceAll(first(v, "instructions"), "\r\n", "\n")),
	}
	if f.Agent == "" {
		f.Agent = f.Shown // there is one agent, and nothing to choose
	}
	return f
}

// mostInstructions is what a small model still heeds.
const mostInstructions = 32_000

// Validate fills Errors and says whether there are none.
func (f *AgentCard) Validate() bool {
	f.Errors = Errors{}
	if f.Agent != f.Shown {
		return true // another agent was chosen: what was typed was for this one
	}
	if n := utf8.RuneCountInString(f.Name); n == 0 || n > 100 || strings.ContainsFunc(f.Name, isControl) || !utf8.ValidString(f.Name) {
		f.Errors.add("name", "setup.agent_name_odd")
	}
	switch n := utf8.RuneCountInString(f.Instructions); {
	case f.Listed:
	case n < 20:
		f.Errors.add("instructions", "setup.agent_instructions_short")
	case n > mostInstructions || strings.ContainsFunc(f.Instructions, isControl) || !utf8.ValidString(f.Instructions):
		f.Errors.add("instructions", "setup.agent_instructions_odd")
	}
	return len(f.Errors) == 0
}

func isControl(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }
