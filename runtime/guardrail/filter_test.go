package guardrail

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func newTopics(t testing.TB, action string, topics ...string) Check {
	t.Helper()
	c, err := NewTopicFilter(topics, action)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newContent(t testing.TB, o ContentOptions) Check {
	t.Helper()
	c, err := NewContentFilter(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// patterns compiles as config.CompilePattern does.
func patterns(texts ...string) []*regexp.Regexp {
	var list []*regexp.Regexp
	for _, text := range texts {
		list = append(list, regexp.MustCompile("(?i)"+text))
	}
	return list
}

func newCost(t testing.TB, n int, action string) Check {
	t.Helper()
	c, err := NewCostLimit(n, action)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// filterCase is a rule, a text, and what redacting leaves of it; the same text
// where nothing is found.
type filterCase struct {
	Topics   []string `json:"topics"`
	Keywords []string `json:"keywords"`
	Patterns []string `json:"patterns"`
	In       string   `json:"in"`
	Out      string   `json:"out"` // "" = In
}

func (c filterCase) check(t testing.TB, action string) Check {
	t.Helper()
	if len(c.Topics) > 0 {
		return newTopics(t, action, c.Topics...)
	}
	return newContent(t, ContentOptions{Action: action, Keywords: c.Keywords, Patterns: patterns(c.Patterns...)})
}

// TestFilters: topics, words and patterns are found in the forms in which people
// write them, and in nothing else; each action does its own.
func TestFilters(t *testing.T) {
	for _, c := range readLines[filterCase](t, "filters.jsonl") {
		want := c.Out
		if want == "" {
			want = c.In
		}
		redact := c.check(t, "redact").Check(c.In)
		if redact.Text != want {
			t.Errorf("%+v\n got %q", c, redact.Text)
		}
		found := want != c.In
		for action, does := range map[string]Action{"": Block, "block": Block, "warn": Allow, "redact": Rewrite} {
			v := c.check(t, action).Check(c.In)
			if found && v.Action != does || !found && v.Action != Allow || found != (len(v.Findings) > 0) || v.Action == Block && (v.Text != "" || v.Rule == "") {
				t.Errorf("%q with action %q: %+v", c.In, action, v)
			}
			if action == "warn" && v.Text != c.In {
				t.Errorf("%q: warn changed it to %q", c.In, v.Text)
			}
		}
	}
}

func TestFilterOptions(t *testing.T) {
	if _, err := NewTopicFilter(nil, ""); err == nil {
		t.Error("no topic was taken")
	}
	if _, err := NewTopicFilter([]string{" ", "the of"}, ""); err == nil {
		t.Error("topics without a word were taken")
	}
	if _, err := NewTopicFilter([]string{"x"}, "truncate"); err == nil {
		t.Error("truncate was taken for a topic")
	}
	if _, err := NewContentFilter(ContentOptions{}); err == nil {
		t.Error("a content filter of nothing was taken")
	}
	if _, err := NewCostLimit(0, ""); err == nil {
		t.Error("0 tokens were taken")
	}
	if _, err := NewCostLimit(5, "redact"); err == nil {
		t.Error("redact was taken for a limit of tokens")
	}
}

func TestCostLimit(t *testing.T) {
	three := "Abrimos a las nueve. Cerramos a las ocho. El domingo no abrimos."
	for _, c := range []struct {
		name   string
		max    int
		action string
		tokens int
		cut    bool
		in     string
		does   Action
		out    string
	}{
		{"short", 50, "", 0, false, three, Allow, three},
		{"ends with a sentence", 14, "", 0, false, three, Rewrite, "Abrimos a las nueve. Cerramos a las ocho."},
		{"ends with a word", 5, "", 0, false, "uno dos tres cuatro cinco seis siete", Rewrite, "uno dos tres cuatro"},
		{"block", 5, "block", 0, false, three, Block, ""},
		{"warn", 5, "warn", 0, false, three, Allow, three},
		{"the model counted fewer", 10, "", 10, false, three, Allow, three},
		{"the model counted more", 20, "", 40, false, three, Rewrite, "Abrimos a las nueve."},
		{"stopped at the limit", 10, "", 10, true, "Abrimos a las nueve. Cerramos a l", Rewrite, "Abrimos a las nueve."},
		{"stopped at the limit and whole", 10, "", 10, true, "Abrimos a las nueve.", Allow, "Abrimos a las nueve."},
		{"stopped, block", 10, "block", 10, true, "Abrimos a las nueve. Cerr", Block, ""},
		{"no blanks", 3, "", 0, false, "这是一个很长的句子", Rewrite, "这是一"},
		{"empty", 1, "", 0, true, "", Allow, ""},
	} {
		v := Chain{newCost(t, c.max, c.action)}.Counted(c.tokens, c.cut).Run(c.in)
		if v.Action != c.does || v.Text != c.out {
			t.Errorf("%s: %s %q", c.name, v.Action, v.Text)
		}
		if (v.Action != Allow || c.action == "warn") != (len(v.Findings) == 1) && !c.cut {
			t.Errorf("%s: findings %+v", c.name, v.Findings)
		}
	}
	limited := Chain{newLength(t, 5, ""), newCost(t, 90, "block"), newCost(t, 50, "")}
	if n, warn := limited.TokenLimit(); n != 50 || warn {
		t.Errorf("limit %d, %v", n, warn)
	}
	if n, warn := (Chain{newCost(t, 9, "warn")}).TokenLimit(); n != 9 || !warn {
		t.Errorf("limit %d, %v", n, warn)
	}
}

// TestEstimatedTokens: near what byte-pair tokenizers say of the same sentences.
func TestEstimatedTokens(t *testing.T) {
	for text, tokens := range map[string]int{
		"The quick brown fox jumps over the lazy dog.":                                 10,
		"We are open from Monday to Friday, from nine in the morning to six.":          15,
		"Buenos días, querría saber si tenéis mesa para dos personas esta noche.":      18,
		"Your order number 123456 has been shipped and will arrive tomorrow at 10:30.": 19,
		"": 0, "¡Hola!": 3,
	} {
		if got := EstimateTokens(text); got < tokens*7/10 || got > tokens*13/10+1 {
			t.Errorf("%q: %d, about %d", text, got, tokens)
		}
	}
}

// everyCheck is one check of each kind and action.
func everyCheck(t testing.TB) []Check {
	t.Helper()
	list := []Check{newLength(t, 60, "truncate"), newLength(t, 3000, ""), newCost(t, 12, ""), newCost(t, 2000, "block"), newCost(t, 3, "warn")}
	for _, action := range []string{"redact", "warn", "block"} {
		list = append(list,
			newPII(t, PIIOptions{Action: action, Regions: []string{"ES"}}),
			newTopics(t, action, "politics", "nuclear power|atomkraft", "战争"),
			newContent(t, ContentOptions{Action: action, Keywords: []string{"spam", "go away", "f*ck", "bad*", "🍆", "ñandú"}, Patterns: patterns(`\bx+y?\b`, "[A-Z]{4}", `b|a\[`, ".?@", `^\d{3}`)}))
	}
	return list
}

// FuzzGuardrails: any text through any checks in any order: nothing breaks, what
// comes out is UTF-8 and stays as it is when it comes again to the same check,
// and findings lie on whole letters of the given text.
func FuzzGuardrails(f *testing.F) {
	for _, c := range readLines[filterCase](f, "filters.jsonl") {
		f.Add(c.In, uint64(1))
	}
	for _, text := range []string{"spam \xffs\u200dp.a.m [REDACTED_EMAIL]xx", "aaaaaaaaaaaaaaaaaab", "🍆 612 345 678 elecciones", "f**k s p a m [REDACTED", "٦١٢٣ \u0301a@b.co"} {
		f.Add(text, uint64(7))
	}
	checks := everyCheck(f)
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 5000 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 1))
		var chain Chain
		for range r.IntN(6) {
			chain = append(chain, checks[r.IntN(len(checks))])
		}
		v := chain.Counted(r.IntN(50), seed%2 == 0).Run(text)
		for _, found := range v.Findings {
			if found.Start < 0 || found.End < found.Start || found.End > len(text) {
				t.Fatalf("%q: %+v lies outside", text, found)
			}
			if utf8.ValidString(text) && (!utf8.ValidString(text[:found.Start]) || !utf8.ValidString(text[:found.End])) {
				t.Fatalf("%q: %+v splits a letter", text, found)
			}
		}
		if utf8.ValidString(text) && !utf8.ValidString(v.Text) {
			t.Fatalf("%q became %q", text, v.Text)
		}
		if v.Action == Block && (v.Text != "" || v.Rule == "") || v.Action == Allow && v.Text != text {
			t.Fatalf("%q: %+v", text, v)
		}
		for _, c := range chain {
			once := c.Check(text)
			if again := c.Check(once.Text); once.Action == Rewrite && again.Text != once.Text {
				t.Fatalf("%s: %q once, %q twice", c.Rule(), once.Text, again.Text)
			}
		}
	})
}

func BenchmarkEveryCheck(b *testing.B) {
	text := strings.Repeat("Soy Ana, mi móvil es 612 34 56 78, correo ana@ejemplo.com. ¿Abrís mañana por la tarde? Pedido 698745123. ", 5)[:500]
	chain := Chain(everyCheck(b)[5:8])
	chain = append(chain, newLength(b, 2000, ""), newCost(b, 500, ""))
	b.ReportAllocs()
	for b.Loop() {
		chain.Run(text)
	}
}
