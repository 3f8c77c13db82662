package model

import "sync"

const (
	// baseContext is what a model is loaded with where nothing more is needed.
	// Ollama's own default (4,096 on most machines) cuts long prompts silently.
	baseContext = 8192
	// unknownAllowed bounds the context of a model that does not say its own.
	unknownAllowed = 32768
	// imageTokens is what Ollama itself counts for one image (server/prompt.go).
	imageTokens = 768
	// messageTokens is what a chat template adds around one message.
	messageTokens = 8
	// firstTokensPerByte is the estimate until the model has counted a prompt:
	// high for English (about 0.25), about right for Chinese.
	firstTokensPerByte = 1.0 / 3
)

// promptSize is what can be told about a prompt without the model's tokenizer.
type promptSize struct {
	bytes, messages, images int
}

func sizeOf(req Request) promptSize {
	s := promptSize{messages: len(req.Messages)}
	for _, m := range req.Messages {
		s.bytes += len(m.Content) + len(m.ToolName)
		s.images += len(m.Images)
		for _, c := range m.ToolCalls {
			s.bytes += len(c.Name)
			for name, value := range c.Arguments {
				s.bytes += len(name) + 8
				if text, ok := value.(string); ok {
					s.bytes += len(text)
				}
			}
		}
	}
	for _, t := range req.Tools {
		s.bytes += len(t.Name) + len(t.Description) + len(t.Parameters)
	}
	return s
}

// contextSize decides num_ctx for one model on one server. The value only ever
// grows, in steps: Ollama loads the model anew whenever it changes, which
// costs seconds to minutes and every computed prompt.
type contextSize struct {
	base int // what to begin with

	mu            sync.Mutex
	current       int     // last used, 0 before the first use
	proved        int     // largest that the server has loaded
	ceiling       int     // set once a larger one could not be loaded
	tokensPerByte float64 // largest measured
}

// tokens estimates a prompt.
func (c *contextSize) tokens(p promptSize) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	rate := max(c.tokensPerByte, firstTokensPerByte)
	return int(float64(p.bytes)*rate) + p.messages*messageTokens + p.images*imageTokens
}

// fit returns num_ctx for a request of so many tokens, prompt and answer.
// configured is the agent's own num_ctx, which is kept as it is; allowed is the
// model's context length. Zero means not known.
func (c *contextSize) fit(tokens, configured, allowed int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	want := configured
	if want == 0 {
		for want = c.base; want < tokens && want < c.most(allowed); {
			want *= 2
		}
	}
	// Another agent may use the same model with more: the larger one serves both.
	c.current = max(c.current, min(want, c.most(allowed)))
	return c.current
}

// grow doubles num_ctx after the server has found the prompt too long. False
// if the model allows no more.
func (c *contextSize) grow(configured, allowed int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := min(c.current*2, c.most(allowed))
	if configured > 0 || next <= c.current {
		return false
	}
	c.current = next
	return true
}

// retreat goes back to a size that was loaded before, after a larger one could
// not be: this computer's memory decides too. False if there is none.
func (c *contextSize) retreat(failed int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proved == 0 || failed <= c.proved {
		return false
	}
	c.current, c.ceiling = c.proved, c.proved
	return true
}

// learn takes what the server has counted for a prompt that it kept whole.
func (c *contextSize) learn(p promptSize, counted, numCtx int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.proved = max(c.proved, numCtx)
	if p.images == 0 && p.bytes > 0 {
		rate := float64(counted-p.messages*messageTokens) / float64(p.bytes)
		c.tokensPerByte = min(max(c.tokensPerByte, rate), 1.5)
	}
}

func (c *contextSize) most(allowed int) int {
	if allowed == 0 {
		allowed = unknownAllowed
	}
	if c.ceiling > 0 {
		return min(allowed, c.ceiling)
	}
	return allowed
}
