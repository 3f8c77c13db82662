package agent

const (
	// aroundMessage is what a chat template adds to a message, in tokens, about.
	aroundMessage = 8
	// A text has more bytes than tokens, and a token rarely more than ten of them:
	// a figure beyond these is a server's mistake.
	leastPerByte, mostPerByte = 0.02, 1.5
)

// Tokens is what a text of this turn costs in a prompt, by what the model itself
// has counted for the whole of this turn's; 0 where it said nothing usable.
func (r Result) Tokens(text string) int {
	return int(r.perByte*float64(len(text)) + 0.5)
}

// tokensPerByte is what the model counted for the turn's first prompt, for each
// byte of it. 0 = not known: pictures cost what no byte tells, and of a prompt
// that was cut the rest alone is counted.
func (t *turn) tokensPerByte() float64 {
	if len(t.result.Usage) == 0 || t.result.Usage[0].PromptWasCut {
		return 0
	}
	bytes := 0
	for _, m := range t.prompt {
		if len(m.Images) > 0 {
			return 0
		}
		bytes += len(m.Content)
	}
	for _, s := range t.agent.tools.Specs() {
		bytes += len(s.Name) + len(s.Description) + len(s.Parameters)
	}
	counted := t.result.Usage[0].TokensIn - aroundMessage*len(t.prompt)
	if bytes == 0 || counted <= 0 {
		return 0
	}
	rate := float64(counted) / float64(bytes)
	if rate < leastPerByte || rate > mostPerByte {
		return 0
	}
	return rate
}
