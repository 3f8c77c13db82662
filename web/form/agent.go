package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// longestInstructions keeps the prompt within what a small model can read.
	longestInstructions = 32_000
	longestLine         = 300
	mostChars           = 1_000_000
	mostTurns           = 1_000
	mostWords           = 200 // of a list
)

// Agent is the plain form of an agent's common keys; the YAML holds them and
// everything else.
type Agent struct {
	DisplayName  string
	About        string
	Instructions string
	Primary      string // model's name
	Fallback     string // "" = none
	// Fixed says that a model is not chosen here: its provider is another one, or
	// the YAML has the newer form. It names what answers.
	FixedPrimary, FixedFallback string
	HideIn, HideOut             []string // what is hidden of what customers write, and of replies
	MaxLength                   string   // characters, as typed; "" = no limit
	Turns                       string   // entries of memory, as typed; "" = the program's own
	Pattern                     string   // how it works on an answer
	Memory                      string   // what of a conversation it reads again
	Topics, Words               []string // what it is not to talk about, what it must not say
	Tools                       []AgentTool
	Errors                      Errors
}

// AgentTool is one tool that may be switched.
type AgentTool struct {
	Name string
	On   bool
}

// BindAgent reads the form.
func BindAgent(v url.Values) Agent {
	f := Agent{
		DisplayName: line(v, "display_name"), About: line(v, "about"), Instructions: Text(first(v, "instructions")),
		Primary: line(v, "primary"), Fallback: line(v, "fallback"),
		FixedPrimary: line(v, "fixed_primary"), FixedFallback: line(v, "fixed_fallback"),
		HideIn: v["hide_in"], HideOut: v["hide_out"], MaxLength: line(v, "max_length"), Turns: line(v, "turns"),
		Pattern: line(v, "pattern"), Memory: line(v, "memory"), Topics: Lines(first(v, "topics")), Words: Lines(first(v, "words")),
	}
	for _, name := range v["tools"] {
		f.Tools = append(f.Tools, AgentTool{Name: name, On: slices.Contains(v["tool"], name)})
	}
	return f
}

// Validate fills Errors and says whether there are none.
func (f *Agent) Validate() bool {
	f.Errors = Errors{}
	for field, value := range map[string]string{"display_name": f.DisplayName, "about": f.About, "primary": f.Primary, "fallback": f.Fallback} {
		if utf8.RuneCountInString(value) > longestLine {
			f.Errors.add(field, "agent.line_long")
		}
	}
	if f.Primary == "" && f.FixedPrimary == "" {
		f.Errors.add("primary", "agent.primary_empty")
	}
	if utf8.RuneCountInString(f.Instructions) > longestInstructions {
		f.Errors.add("instructions", "agent.instructions_long")
	}
	for field, list := range map[string][]string{"topics": f.Topics, "words": f.Words} {
		if len(list) > mostWords || slices.ContainsFunc(list, func(s string) bool { return utf8.RuneCountInString(s) > longestLine }) {
			f.Errors.add(field, "agent.words_long")
		}
	}
	f.Errors.add("max_length", numberProblem(f.MaxLength, mostChars, "agent.max_length_odd"))
	f.Errors.add("turns", numberProblem(f.Turns, mostTurns, "agent.turns_odd"))
	return len(f.Errors) == 0
}

// numberProblem is key where the text is neither empty nor a whole number from 1 to most.
func numberProblem(typed string, most int, key string) string {
	if n, err := strconv.Atoi(typed); typed != "" && (err != nil || n < 1 || n > most) {
		return key
	}
	return ""
}

// line is a value on one line.
func line(v url.Values, name string) string { return Line(first(v, name)) }

// Lines are those of a text that say something, each once.
func Lines(s string) []string {
	var list []string
	for _, l := range strings.Split(Text(s), "\n") {
		if l = Line(l); l != "" && !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	return list
}

// Line is a text on one line, without what a paste brings along.
func Line(s string) string {
	return strings.Join(strings.Fields(strings.Map(printable, s)), " ")
}

// Text is a text of several lines, without what a paste brings along; browsers
// send the ends of lines as CRLF.
func Text(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(strings.Map(printable, lines[i]), " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// printable takes out control characters, which no model and no reader needs.
func printable(r rune) rune {
	switch {
	case r == '\t', r == '\n':
		return r
	case r < ' ', r == 0x7f, r == utf8.RuneError, r == '\uFEFF', r == 0x85:
		return -1
	case r == 0x2028, r == 0x2029:
		return ' '
	default:
		return r
	}
}

// NewAgent asks for the name of a new agent and what to begin from.
type NewAgent struct {
	Name   string
	From   string // an agent to copy; "" = the sample
	Errors Errors
}

// BindNewAgent reads the form. A name is written small, with dashes for spaces.
func BindNewAgent(v url.Values) NewAgent {
	name := strings.ToLower(line(v, "name"))
	return NewAgent{Name: strings.ReplaceAll(name, " ", "-"), From: first(v, "from")}
}

// Validate fills Errors and says whether there are none; valid judges the name.
func (f *NewAgent) Validate(valid func(string) bool) bool {
	f.Errors = Errors{}
	switch {
	case f.Name == "":
		f.Errors.add("name", "agent.name_empty")
	case !valid(f.Name):
		f.Errors.add("name", "agent.name_odd")
	}
	return len(f.Errors) == 0
}
