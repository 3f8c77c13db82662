package modeltest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Token types of a GGUF vocabulary.
const (
	tokenNormal      = 1
	tokenControl     = 3
	tokenUserDefined = 4
)

const (
	textBlocks    = 1
	visionBlocks  = 2
	visionWidth   = 64 // embedding length of the vision part
	visionPatches = 4  // image 28, patch 14
	certain       = 10 // logit weight; after the norm it is certain*sqrt(width)
)

// vocabulary is the scripted model as a state machine. A token's embedding is
// the one-hot vector of its state; the row of the output matrix that belongs to
// the next token has a large value at that state. So the next token depends on
// the last one alone. State 0 is that of every byte token.
type vocabulary struct {
	tokens []string
	types  []int32
	states []int // by token
	next   map[int]int
	known  map[string]bool // strings of tokens: each may exist once
	said   map[string]int  // by reply: its first token
	count  int             // states in use
	end    int             // the end token
	image  int             // state of a picture, 0 if there is none
}

func newVocabulary() *vocabulary {
	v := &vocabulary{next: map[int]int{}, known: map[string]bool{}, said: map[string]int{}, count: 1}
	v.end = v.token("<|end|>", tokenControl, 0)
	for b := range 256 {
		v.token(byteToken(byte(b)), tokenNormal, 0)
	}
	return v
}

func (v *vocabulary) newState() int {
	v.count++
	return v.count - 1
}

func (v *vocabulary) token(text string, kind int32, state int) int {
	v.tokens = append(v.tokens, text)
	v.types = append(v.types, kind)
	v.states = append(v.states, state)
	v.known[text] = true
	return len(v.tokens) - 1
}

// trigger adds a token that is found in a prompt as it stands, and its reply.
func (v *vocabulary) trigger(text, reply string) error {
	if len(text) < 2 || v.known[text] {
		return fmt.Errorf("trigger %q is too short or not unique", text)
	}
	state := v.newState()
	v.token(text, tokenUserDefined, state)
	return v.say(state, reply)
}

// say makes the tokens of a reply follow a state, one word or more a token.
// Two states with the same reply share its tokens.
func (v *vocabulary) say(state int, reply string) error {
	if reply == "" {
		v.next[state] = v.end
		return nil
	}
	if first, ok := v.said[reply]; ok {
		v.next[state] = first
		return nil
	}
	pieces, err := v.pieces(reply)
	if err != nil {
		return err
	}
	for i, piece := range pieces {
		next := v.newState()
		token := v.token(piece, tokenNormal, next)
		if i == 0 {
			v.said[reply] = token
		}
		v.next[state] = token
		state = next
	}
	v.next[state] = v.end
	return nil
}

// pieces cuts a reply at its words into token strings that do not exist yet. A
// piece that exists already grows by the next word, and the last one by the
// piece before it: a reply comes out byte for byte.
func (v *vocabulary) pieces(reply string) ([]string, error) {
	var out []string
	free := func(s string) bool { return !v.known[s] && !slices.Contains(out, s) }
	piece := ""
	for _, word := range words(reply) {
		piece += encode(word)
		if free(piece) {
			out = append(out, piece)
			piece = ""
		}
	}
	for piece != "" {
		if len(out) == 0 {
			return nil, fmt.Errorf("the reply %q is a token of another reply: word it differently", reply)
		}
		piece = out[len(out)-1] + piece
		out = out[:len(out)-1]
		if free(piece) {
			out = append(out, piece)
			piece = ""
		}
	}
	return out, nil
}

// words cuts before each space that follows something else.
func words(s string) []string {
	var out []string
	start := 0
	wasSpace := true
	for i, r := range s {
		space := unicode.IsSpace(r)
		if space && !wasSpace {
			out = append(out, s[start:i])
			start = i
		}
		wasSpace = space
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}

// encode writes text the way a GPT-2 vocabulary spells bytes.
func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteString(byteToken(s[i]))
	}
	return b.String()
}

// byteToken is GPT-2's name of a byte: itself if it is printable in Latin-1,
// otherwise one of the letters from U+0100 on, in order.
func byteToken(b byte) string {
	printable := func(b byte) bool {
		return b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE
	}
	if printable(b) {
		return string(rune(b))
	}
	n := 0
	for c := range int(b) {
		if !printable(byte(c)) {
			n++
		}
	}
	return string(rune(256 + n))
}
