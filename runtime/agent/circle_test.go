package agent

import (
	"strings"
	"testing"
)

func TestCircular(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"empty", "", false},
		{"a sentence", "We open at nine and close at five.", false},
		{"a row of dashes", strings.Repeat("-", 80), false},
		{"laughing", strings.Repeat("ha", 60), false},
		{"a list", strings.Repeat("- one thing\n", 3), false},
		{"one sign", "Hello" + strings.Repeat("!", 500), true},
		{"a word", "Hello" + strings.Repeat(" very", 120), true},
		{"a paragraph", "Hello" + strings.Repeat(strings.Repeat("abcdefgh", 40)+". ", 6), true},
		{"three paragraphs alike", "Hello" + strings.Repeat(strings.Repeat("abcdefgh", 40)+"x", 3), false},
		{"twice the same", strings.Repeat("This is a long sentence about opening hours and parking. ", 2), false},
	} {
		if got := circular(c.text); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
