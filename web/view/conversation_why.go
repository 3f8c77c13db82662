package view

import "time"

// WhyTurn is how a reply came about.
type WhyTurn struct {
	Back                string // address of the transcript
	Agent               string
	Version             int
	Model               string
	Outcome             string
	Reason              string
	TokensIn, TokensOut int
	Stages              []WhyStage
	Parts               []WhyPart // of the agent's pattern; none with react
	Tools               []WhyTool
	Verdicts            []WhyVerdict
	Noted               []string // what tools noted for people
	Data                string   // JSON, by the agent's output_schema; "" = none
	Prompt              []WhyPrompt
	Remembered          int // entries of memory in the prompt
}

// WhyStage is a part of the way and the time it took.
type WhyStage struct {
	Name string // waited, memory, model, tool, guardrail, send
	Took time.Duration
}

// WhyTool is one call of a tool.
type WhyTool struct {
	Name string
	Took time.Duration
	Data string // JSON, as kept
}

// WhyVerdict is what the guardrails of one direction decided.
type WhyVerdict struct {
	Direction string
	Action    string
	Found     []ChatMark
}

// WhyPrompt is one message as it was sent to the model.
type WhyPrompt struct {
	Role   string
	Text   string
	Images int
	Tool   string
	Calls  []string
}

// whyWidth is the bar's width in the picture's own units.
const whyWidth = 1000

// whyPiece is one stage in the bar.
type whyPiece struct {
	WhyStage
	X, Width int
}

// pieces lay the stages side by side; what took any time is at least a hair.
func (w WhyTurn) pieces() []whyPiece {
	total := time.Duration(0)
	for _, s := range w.Stages {
		total += s.Took
	}
	if total <= 0 {
		return nil
	}
	var list []whyPiece
	x := 0
	for _, s := range w.Stages {
		if s.Took <= 0 {
			continue
		}
		width := max(4, int(s.Took*whyWidth/total))
		width = min(width, whyWidth-x)
		list = append(list, whyPiece{s, x, width})
		x += width
	}
	return list
}
