package memory

import (
	"fmt"
	"strings"
	"testing"

	"astromesh/store"
)

// spoken are turns of one sentence each and its answer.
func spoken(texts ...string) (list []store.MemoryEntry) {
	for i, text := range texts {
		said, answer, _ := strings.Cut(text, "|")
		turn := fmt.Sprint("t", i)
		list = append(list, store.MemoryEntry{Role: "user", Content: said, TurnID: turn},
			store.MemoryEntry{Role: "assistant", Content: answer, TurnID: turn})
	}
	return list
}

var bakery = []string{
	"Hello, do you have bread?|Yes, we have rye bread and rolls.",
	"I am allergic to nuts|Thank you, I keep in mind that you are allergic to nuts.",
	"Do you have cakes?|Yes, we have cheesecake and apple cake.",
	"My address is Calle Mayor 5|Thank you, we have noted it.",
	"Do you have it on Friday?|Yes, we have it on Friday.",
	"¿A qué hora abren mañana?|Mañana abrimos a las nueve.",
}

func TestSemanticFindsTheTurnInQuestion(t *testing.T) {
	for _, c := range []struct {
		text, want string
		threshold  float64
	}{
		{"Is there something with NUTS in it? My allergy!", "I am allergic to nuts", 0.5},
		{"Which address did I give you?", "My address is Calle Mayor 5", 0.5},
		{"manana", "¿A qué hora abren mañana?", 0.5},
		{"zebras", "", 0.5},
		{"", "", 0.5},
		{"?!", "", 0},
		{"Is the cheesecake for the same address?", "", 0.9},
	} {
		found := Semantic{Threshold: &c.threshold, Results: 1}.Recall(c.text, spoken(bakery...))
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 2 || found[0].Content != c.want) {
			t.Errorf("%q finds %+v, want %q", c.text, found, c.want)
		}
	}
	none := 0.0
	if found := (Semantic{Threshold: &none, Results: 2}).Recall("do you have rolls, nuts and cakes", spoken(bakery...)); len(found) != 4 || found[0].TurnID > found[2].TurnID {
		t.Errorf("at most two turns, in their order: %+v", found)
	}
	if found := (Semantic{}).Recall("nuts", nil); len(found) != 0 {
		t.Errorf("of nothing: %+v", found)
	}
}

func TestRecalledIsShort(t *testing.T) {
	got := Recalled(spoken(strings.Repeat("á\n", 2000) + "|yes"))
	lines := strings.Split(got, "\n")
	if len(lines) != 3 || len(lines[1]) > recallBytes+20 || !strings.HasSuffix(lines[1], "…") || lines[2] != "You: yes" {
		t.Errorf("%q", got)
	}
	if Recalled(nil) != "" {
		t.Error("nothing was found, and something is said")
	}
}

func BenchmarkRecall(b *testing.B) {
	var texts []string
	for i := range RecallBefore / 2 {
		texts = append(texts, fmt.Sprintf("%s number %d|%s", bakery[i%len(bakery)], i, strings.Repeat("some words of an answer ", 8)))
	}
	earlier := spoken(texts...)
	for b.Loop() {
		Semantic{}.Recall("Is there something with nuts in it, and which address did I give you?", earlier)
	}
}
