package modeltest

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Random is a language model with random weights: large enough that reading a
// prompt takes a time that can be measured, and small enough to be made within a
// second. It says lower-case letters without sense, as many as num_predict allows.
// One byte of text is one token. The same value always makes the same bytes.
type Random struct {
	// Blocks, Width and FeedForward are the size; 0 = 5, 384, 1024: about 9 million
	// weights, 36 MB. One of two busy cores reads some 90 tokens a second with it.
	// Width is a multiple of 64.
	Blocks, Width, FeedForward int
	ContextLength              int // tokens, 0 = 16384
	Seed                       uint64
}

// Build makes the files of the model.
func (r Random) Build() (Model, error) {
	if r.Blocks == 0 {
		r.Blocks, r.Width, r.FeedForward = 5, 384, 1024
	}
	if r.ContextLength == 0 {
		r.ContextLength = 16384
	}
	v := newVocabulary()
	// The template ends with what the assistant is about to say, as chat templates
	// of real models do.
	v.token("<|is|>", tokenControl, 0)
	text, err := r.file(v).bytes()
	if err != nil {
		return Model{}, fmt.Errorf("random model: %w", err)
	}
	return Model{Text: text, Template: "{{ range .Messages }}{{ slice .Role 0 1 }}<|is|>{{ .Content }}<|end|>{{ end }}a<|is|>"}, nil
}

func (r Random) file(v *vocabulary) *ggufFile {
	d, n, ff := uint64(r.Width), uint64(len(v.tokens)), uint64(r.FeedForward)
	g := &ggufFile{}
	v.describe(g, "random", d)
	g.set("llama.block_count", uint32(r.Blocks))
	g.set("llama.context_length", uint32(r.ContextLength))
	g.set("llama.feed_forward_length", uint32(ff))
	g.set("llama.attention.head_count", uint32(d/64))
	g.set("llama.attention.head_count_kv", uint32(d/64))
	g.set("llama.rope.dimension_count", uint32(64))

	w := weights{rand.New(rand.NewPCG(r.Seed, 1))}
	embedding := g.tensor("token_embd.weight", d, n)
	w.fill(embedding, 1)
	// The first value of every token is the same, and no block changes it: the
	// output matrix can rely on it.
	for i := 0; i < len(embedding); i += int(d) {
		embedding[i] = 1
	}
	g.ones("output_norm.weight", d)
	w.letters(g.tensor("output.weight", d, n), v, int(d))
	for b := range r.Blocks {
		name := func(s string) string { return fmt.Sprintf("blk.%d.%s.weight", b, s) }
		g.ones(name("attn_norm"), d)
		for _, s := range []string{"attn_q", "attn_k", "attn_v"} {
			w.fill(g.tensor(name(s), d, d), 1/math.Sqrt(float64(d)))
		}
		w.fillButFirst(g.tensor(name("attn_output"), d, d), d)
		g.ones(name("ffn_norm"), d)
		w.fill(g.tensor(name("ffn_gate"), d, ff), 1/math.Sqrt(float64(d)))
		w.fill(g.tensor(name("ffn_up"), d, ff), 1/math.Sqrt(float64(d)))
		w.fillButFirst(g.tensor(name("ffn_down"), ff, d), ff)
	}
	return g
}

// weights are drawn one after the other.
type weights struct{ *rand.Rand }

// fill draws evenly, with the given standard deviation.
func (w weights) fill(data []float32, deviation float64) {
	wide := float32(deviation * math.Sqrt(12))
	for i := range data {
		data[i] = (w.Float32() - 0.5) * wide
	}
}

// fillButFirst leaves the first row zero: what it adds to a token's first value.
func (w weights) fillButFirst(data []float32, row uint64) {
	w.fill(data[row:], 1/math.Sqrt(float64(row)))
}

// letters lets the lower-case letters alone be likely.
func (w weights) letters(data []float32, v *vocabulary, d int) {
	for token, text := range v.tokens {
		row := data[token*d : (token+1)*d]
		if len(text) == 1 && text[0] >= 'a' && text[0] <= 'z' {
			w.fill(row[1:], 0.1)
			continue
		}
		row[0] = -100
	}
}
