package modeltest

import (
	"bytes"
	"strings"
	"testing"
)

// spoken follows the states of a vocabulary from one on, as the model does.
func (v *vocabulary) spoken(state int) string {
	var b strings.Builder
	for {
		token := v.next[state]
		if token == v.end {
			return decode(b.String())
		}
		b.WriteString(v.tokens[token])
		state = v.states[token]
	}
}

func decode(s string) string {
	bytesOf := map[string]byte{}
	for b := range 256 {
		bytesOf[byteToken(byte(b))] = byte(b)
	}
	var out []byte
	for _, r := range s {
		out = append(out, bytesOf[string(r)])
	}
	return string(out)
}

func TestVocabularySaysRepliesByteForByte(t *testing.T) {
	replies := []string{
		"We open at nine.", "We open at nine. And again: we open at nine.", "no no no no",
		"¡Hola!  Dos espacios,\nuna línea 🙂", "a b c", "I", "", " ", "We open at nine.",
	}
	v := newVocabulary()
	for _, reply := range replies {
		state := v.newState()
		if err := v.say(state, reply); err != nil {
			if len(strings.TrimSpace(reply)) > 1 {
				t.Errorf("%q: %v", reply, err)
			}
			continue // one byte is the byte's own token: it cannot be a reply
		}
		if got := v.spoken(state); got != reply {
			t.Errorf("%q is said as %q", reply, got)
		}
	}
	seen := map[string]bool{}
	for _, token := range v.tokens {
		if seen[token] {
			t.Errorf("token %q exists twice", token)
		}
		seen[token] = true
	}
}

func TestScriptRefusesWhatCannotBeBuilt(t *testing.T) {
	for _, s := range []Script{
		{Default: "x", Replies: map[string]string{"?": "too short a trigger"}},
		{Default: "Hello there you", Replies: map[string]string{"t?": "Hello"}},
		{Default: "x y", ToolCalls: map[string]Call{"t?": {Name: "f", Arguments: map[string]any{"a": make(chan int)}}}},
	} {
		if _, err := s.Build(); err == nil {
			t.Errorf("%+v was built", s)
		}
	}
}

func TestBuildIsDeterministicAndSmall(t *testing.T) {
	s := Script{Default: "I do not know.", Replies: map[string]string{"a?": "one thing", "b?": "another thing"}, Image: "A picture.",
		ToolCalls: map[string]Call{"c?": {Name: "f", Arguments: map[string]any{"y": 1, "x": 2}}}}
	first, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Text, second.Text) || !bytes.Equal(first.Vision, second.Vision) || first.Template != second.Template {
		t.Error("two builds differ")
	}
	if len(first.Text) > 400_000 || len(first.Vision) > 500_000 {
		t.Errorf("%d and %d bytes", len(first.Text), len(first.Vision))
	}
	if !bytes.HasPrefix(first.Text, []byte("GGUF\x03\x00\x00\x00")) || len(first.Text)%ggufAlignment != 0 {
		t.Error("not a GGUF file")
	}
}
