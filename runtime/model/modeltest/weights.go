package modeltest

import "fmt"

// width is the embedding length: the states, rounded up to 64 so that two
// attention heads of an even size fit.
func (v *vocabulary) width() uint64 { return uint64((v.count + 63) / 64 * 64) }

// textModel writes a llama of one block whose attention and feed-forward
// weights are zero: the block adds nothing, so the output matrix sees the last
// token's embedding as it is.
func (v *vocabulary) textModel(contextLength uint32) ([]byte, error) {
	d, n := v.width(), uint64(len(v.tokens))
	g := &ggufFile{}
	v.describe(g, "script", d)
	g.set("llama.block_count", uint32(textBlocks))
	g.set("llama.context_length", contextLength)
	g.set("llama.feed_forward_length", uint32(64))
	g.set("llama.attention.head_count", uint32(2))
	g.set("llama.attention.head_count_kv", uint32(2))
	g.set("llama.rope.dimension_count", uint32(d/2))

	v.textWeights(g, d, n)
	return g.bytes()
}

// describe writes what every text model of this package has in common: the
// architecture, and the tokens.
func (v *vocabulary) describe(g *ggufFile, name string, width uint64) {
	g.set("general.architecture", "llama")
	g.set("general.name", name)
	g.set("general.file_type", uint32(0))
	g.set("llama.embedding_length", uint32(width))
	g.set("llama.attention.layer_norm_rms_epsilon", float32(1e-5))
	g.set("llama.vocab_size", uint32(len(v.tokens)))
	g.set("tokenizer.ggml.model", "gpt2")
	g.set("tokenizer.ggml.pre", "default")
	g.set("tokenizer.ggml.tokens", v.tokens)
	g.set("tokenizer.ggml.token_type", v.types)
	// One merge of two bytes that no text has side by side: the key must exist.
	g.set("tokenizer.ggml.merges", []string{byteToken(0) + " " + byteToken(1)})
	g.set("tokenizer.ggml.bos_token_id", uint32(v.end))
	g.set("tokenizer.ggml.eos_token_id", uint32(v.end))
	g.set("tokenizer.ggml.add_bos_token", false)
}

// textWeights puts the state machine into the first and the last matrix.
func (v *vocabulary) textWeights(g *ggufFile, d, n uint64) {
	embedding := g.tensor("token_embd.weight", d, n)
	for token, state := range v.states {
		embedding[uint64(token)*d+uint64(state)] = 1
	}
	g.ones("output_norm.weight", d)
	output := g.tensor("output.weight", d, n)
	for state, token := range v.next {
		output[uint64(token)*d+uint64(state)] = certain
	}
	for b := range textBlocks {
		name := func(s string) string { return fmt.Sprintf("blk.%d.%s.weight", b, s) }
		g.ones(name("attn_norm"), d)
		for _, s := range []string{"attn_q", "attn_k", "attn_v", "attn_output"} {
			g.tensor(name(s), d, d)
		}
		g.ones(name("ffn_norm"), d)
		g.tensor(name("ffn_gate"), d, 64)
		g.tensor(name("ffn_up"), d, 64)
		g.tensor(name("ffn_down"), 64, d)
	}
}

// visionModel writes a CLIP encoder of zeros whose projector has the one-hot
// of the image state as its bias: every picture becomes that state.
func (v *vocabulary) visionModel() ([]byte, error) {
	d := v.width()
	const e = uint64(visionWidth)
	g := &ggufFile{}
	g.set("general.architecture", "clip")
	g.set("general.name", "script")
	g.set("general.file_type", uint32(0))
	g.set("clip.has_vision_encoder", true)
	g.set("clip.has_text_encoder", false)
	g.set("clip.has_llava_projector", true)
	g.set("clip.projector_type", "mlp")
	g.set("clip.use_gelu", false)
	g.set("clip.vision.image_size", uint32(28))
	g.set("clip.vision.patch_size", uint32(14))
	g.set("clip.vision.embedding_length", uint32(e))
	g.set("clip.vision.feed_forward_length", uint32(e))
	g.set("clip.vision.projection_dim", uint32(d))
	g.set("clip.vision.attention.head_count", uint32(2))
	g.set("clip.vision.attention.layer_norm_epsilon", float32(1e-5))
	g.set("clip.vision.block_count", uint32(visionBlocks))
	g.set("clip.vision.image_mean", []float32{0.5, 0.5, 0.5})
	g.set("clip.vision.image_std", []float32{0.5, 0.5, 0.5})

	visionWeights(g, e)
	g.tensor("mm.0.weight", e, e)
	g.tensor("mm.0.bias", e)
	g.tensor("mm.2.weight", e, d)
	g.tensor("mm.2.bias", d)[v.image] = 1
	return g.bytes()
}

// visionWeights is an encoder that sees nothing.
func visionWeights(g *ggufFile, e uint64) {
	g.tensor("v.patch_embd.weight", 14, 14, 3, e)
	g.tensor("v.class_embd", e)
	g.tensor("v.position_embd.weight", e, visionPatches+1)
	for _, s := range []string{"v.pre_ln", "v.post_ln"} {
		g.ones(s+".weight", e)
		g.tensor(s+".bias", e)
	}
	for b := range visionBlocks {
		name := func(s string) string { return fmt.Sprintf("v.blk.%d.%s", b, s) }
		for _, s := range []string{"attn_q", "attn_k", "attn_v", "attn_out", "ffn_up", "ffn_down"} {
			g.tensor(name(s)+".weight", e, e)
			g.tensor(name(s)+".bias", e)
		}
		for _, s := range []string{"ln1", "ln2"} {
			g.ones(name(s)+".weight", e)
			g.tensor(name(s)+".bias", e)
		}
	}
}
