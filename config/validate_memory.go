package config

const (
	// defaultMaxTokens is what token_budget allows where max_tokens is not written.
	defaultMaxTokens = 2000
	// fewTokens hold hardly one exchange: a question, its answer, and what a chat
	// template adds to both.
	fewTokens = 200
	// fewTurns leave nothing older that a summary could stand for.
	fewTurns = 4
	// mostResults of semantic memory are as much as a window holds.
	mostResults = 20
)

func (d *decoder) semantic(s *SemanticMemory) {
	const at = "spec.memory.semantic"
	if s == nil {
		return
	}
	if s.Backend != "" && s.Backend != "sqlite" {
		d.warnf(at+".backend", "%s names the same store here as sqlite: everything is kept in the program's own database", s.Backend)
	}
	if least := s.SimilarityThreshold; least != nil && (*least < 0 || *least > 1) {
		d.errorf(at+".similarity_threshold", "similarity_threshold lies between 0 and 1")
	}
	d.positive(at+".max_results", s.MaxResults)
	if s.MaxResults > mostResults {
		d.warnf(at+".max_results", "max_results of %d is more than a model reads beside the conversation: write %d or less", s.MaxResults, mostResults)
	}
}

func (d *decoder) memory(m *ConversationalMemory) {
	const at = "spec.memory.conversational"
	if m == nil {
		return
	}
	if m.Backend != "" || d.has(at+".backend") {
		switch {
		case !contains(memoryBackends(), m.Backend):
			d.errorf(at+".backend", "%s is not a backend: it is %s%s", d.word(at+".backend", m.Backend), oneOf(memoryBackends()), didYouMean(m.Backend, memoryBackends()))
		case m.Backend != "sqlite":
			d.warnf(at+".backend", "%s names the same store here as sqlite: everything is kept in the program's own database", m.Backend)
		}
	}
	d.positive(at+".max_turns", m.MaxTurns)
	d.positive(at+".max_tokens", m.MaxTokens)
	if d.choice(at+".strategy", m.Strategy, "strategy of memory", memoryStrategies()) {
		d.memoryBounds(at, m)
	}
}

// memoryBounds are bounds that do not belong to the strategy, or leave it nothing.
func (d *decoder) memoryBounds(at string, m *ConversationalMemory) {
	tokens := at + ".max_tokens"
	switch {
	case m.Strategy == "token_budget" && !d.has(tokens):
		d.warnf(at+".strategy", "token_budget needs max_tokens, how much of the conversation the model may read: until it is written, %d are used", defaultMaxTokens)
	case m.Strategy == "token_budget" && m.MaxTokens > 0 && m.MaxTokens < fewTokens:
		d.warnf(tokens, "max_tokens of %d holds hardly one question and its answer: write %d or more", m.MaxTokens, fewTokens)
	case m.Strategy != "token_budget" && m.MaxTokens > 0:
		d.warnf(tokens, "max_tokens has no effect here: it belongs to the strategy token_budget")
	}
	if m.Strategy == "summary" && m.MaxTurns > 0 && m.MaxTurns < fewTurns {
		d.warnf(at+".max_turns", "max_turns of %d leaves nothing older to sum up: for the strategy summary write %d or more", m.MaxTurns, fewTurns)
	}
}
