package guardrail

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// shout is a check that rewrites without saying where.
type shout struct{}

func (shout) Rule() string { return "shout" }

func (shout) Check(text string) Verdict {
	return Verdict{Action: Rewrite, Text: strings.ReplaceAll(text, "hola", "HOLA AMIGO"), Findings: []Finding{}}
}

func newLength(t testing.TB, n int, action string) Check {
	t.Helper()
	c, err := NewMaxLength(n, action)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestChain(t *testing.T) {
	redact, warn, block := newPII(t, PIIOptions{}), newPII(t, PIIOptions{Action: "warn"}), newPII(t, PIIOptions{Action: "block", Entities: []string{"iban"}})
	mail := func(rule string, start, end int) Finding { return Finding{rule, "EMAIL", start, end} }
	cases := []struct {
		name  string
		chain Chain
		in    string
		want  Verdict
	}{
		{"empty", nil, "hola", Verdict{Action: Allow, Text: "hola", Findings: []Finding{}}},
		{"clean", Chain{redact, block}, "hola", Verdict{Action: Allow, Text: "hola", Findings: []Finding{}}},
		{"redact", Chain{redact}, "é a@b.co", Verdict{Action: Rewrite, Text: "é [REDACTED_EMAIL]", Findings: []Finding{mail(PIIRule, 3, 9)}}},
		{"warn", Chain{warn}, "a@b.co", Verdict{Action: Allow, Text: "a@b.co", Findings: []Finding{mail(PIIRule, 0, 6)}}},
		{"warn, then redact", Chain{warn, redact}, "a@b.co", Verdict{Action: Rewrite, Text: "[REDACTED_EMAIL]", Findings: []Finding{mail(PIIRule, 0, 6), mail(PIIRule, 0, 6)}}},
		{"block ends it", Chain{block, redact}, "ES9121000418450200051332 a@b.co", Verdict{Action: Block, Rule: PIIRule, Findings: []Finding{{PIIRule, "IBAN", 0, 24}}}},
		{"block of a rewritten text", Chain{redact, newLength(t, 18, "")}, "a@b.co then more",
			Verdict{Action: Block, Rule: MaxLengthRule, Findings: []Finding{mail(PIIRule, 0, 6), {MaxLengthRule, "LENGTH", 8, 16}}}},
		{"cut inside a marker", Chain{redact, newLength(t, 4, "truncate")}, "a@b.co then more",
			Verdict{Action: Rewrite, Text: "[RED", Findings: []Finding{mail(PIIRule, 0, 6), {MaxLengthRule, "LENGTH", 0, 16}}}},
		{"a check that does not say where", Chain{shout{}, redact}, "hola a@b.co", Verdict{Action: Rewrite, Text: "HOLA AMIGO [REDACTED_EMAIL]", Findings: []Finding{mail(PIIRule, 5, 11)}}},
	}
	for _, c := range cases {
		if got := c.chain.Run(c.in); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
	if b, err := json.Marshal(Chain{redact}.Run("hola")); err != nil || !strings.Contains(string(b), `"findings":[]`) {
		t.Errorf("no findings are %s, %v", b, err)
	}
}

func TestMaxLength(t *testing.T) {
	family, flag, skin := "👨‍👩‍👧", "🇪🇸", "👍🏽"
	for _, c := range []struct {
		in, out string
		max     int
	}{
		{"hola", "hola", 4}, {"hola!", "hola", 4}, {"ñandú", "ñand", 4}, {"日本語", "日本", 2},
		{"ab" + family, "ab", 4}, {"ab" + flag + "c", "ab", 3}, {"ab" + flag + "c", "ab" + flag, 4}, {skin + skin, skin, 3},
		{"e\u0301e\u0301", "e\u0301", 3}, {"a\r\nb", "a", 2}, {family, "👨‍", 2}, {"\xff\xfe\xfd", "\xff\xfe", 2}, {"", "", 1},
	} {
		v := newLength(t, c.max, "truncate").Check(c.in)
		if v.Text != c.out || (v.Action == Rewrite) != (c.in != c.out) {
			t.Errorf("truncate %q to %d: %q, %s", c.in, c.max, v.Text, v.Action)
		}
		if v := newLength(t, c.max, "").Check(c.in); (v.Action == Block) != (c.in != c.out) {
			t.Errorf("block %q over %d: %s", c.in, c.max, v.Action)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []PIIOptions{{Action: "delete"}, {Entities: []string{"SHOE"}}, {Regions: []string{"Spain"}}} {
		if _, err := NewPII(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	for _, action := range []string{"warn", "redact"} {
		if _, err := NewMaxLength(0, action); err == nil {
			t.Errorf("0 characters with %s were taken", action)
		}
	}
	if _, err := NewMaxLength(5, "cut"); err == nil {
		t.Error("action cut was taken")
	}
	only := newPII(t, PIIOptions{Entities: []string{"Email"}})
	if got := only.Check("a@b.co +34612345678").Text; got != "[REDACTED_EMAIL] +34612345678" {
		t.Errorf("only e-mails: %q", got)
	}
	for number, region := range map[string]string{"34612345678": "ES", "+5511987654321": "BR", "5215512345678": "MX", "14155552671": "US", "": "", "abc": "", "999": ""} {
		if got := RegionOf(number); got != region {
			t.Errorf("RegionOf(%q) = %q, want %q", number, got, region)
		}
	}
}

func FuzzChain(f *testing.F) {
	for _, name := range []string{"pii_positive.jsonl", "pii_negative.jsonl"} {
		for _, c := range readLines[lineCase](f, name) {
			f.Add(c.In)
		}
	}
	f.Add("٦١٢٣٤٥٦٧٨ \xff6\u200d1\u0301 a@\x00b.co")
	redact := newPII(f, PIIOptions{Regions: []string{"ES"}})
	warn := newPII(f, PIIOptions{Action: "warn", Regions: []string{"ES"}})
	cut := newLength(f, 40, "truncate")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 5000 {
			return
		}
		v := Chain{redact}.Run(text)
		checkFindings(t, text, v.Findings)
		if again := (Chain{redact}).Run(v.Text); again.Action != Allow || again.Text != v.Text {
			t.Fatalf("%q: redacted twice: %q, then %q", text, v.Text, again.Text)
		}
		if w := (Chain{warn}).Run(text); w.Text != text || w.Action != Allow || len(w.Findings) > len(v.Findings) {
			t.Fatalf("%q: warn gives %+v, redact %+v", text, w, v)
		}
		both := Chain{redact, cut}.Run(text)
		for _, found := range both.Findings {
			if found.Start < 0 || found.End < found.Start || found.End > len(text) {
				t.Fatalf("%q: %+v lies outside", text, found)
			}
		}
		if utf8.RuneCountInString(both.Text) > 40 || utf8.ValidString(text) && !utf8.ValidString(both.Text) {
			t.Fatalf("%q cut to %q", text, both.Text)
		}
		if both.Action == Rewrite && uniseg.GraphemeClusterCount(both.Text) == 0 {
			t.Fatalf("%q cut to nothing", text)
		}
	})
}

// checkFindings: within the text, in its order, apart from each other, on whole
// characters.
func checkFindings(t *testing.T, text string, found []Finding) {
	t.Helper()
	at := 0
	for _, f := range found {
		if f.Start < at || f.End <= f.Start || f.End > len(text) {
			t.Fatalf("%q: finding %+v after byte %d", text, f, at)
		}
		if utf8.ValidString(text) && !utf8.ValidString(text[f.Start:f.End]) {
			t.Fatalf("%q: finding %+v splits a character", text, f)
		}
		at = f.End
	}
	if !slices.IsSortedFunc(found, func(a, b Finding) int { return a.Start - b.Start }) {
		t.Fatalf("%q: %+v", text, found)
	}
}

func BenchmarkPII(b *testing.B) {
	prose := strings.Repeat("Hola, quería saber si mañana abren por la tarde, gracias. ", 9)[:500]
	busy := "Hola, mi pedido 698745123 del 23/11/2026 a las 20:30 por 1.234,56 € no ha llegado, el código es 4455667788 y la referencia 2026-000123. "
	contacts := "Soy Ana, mi móvil es 612 34 56 78 o +34 612 345 678, correo ana@ejemplo.com, tarjeta 4111 1111 1111 1111, IBAN ES91 2100 0418 4502 0005 1332. "
	for name, text := range map[string]string{"prose": prose, "numbers": strings.Repeat(busy, 4)[:500], "contacts": strings.Repeat(contacts, 4)[:500],
		"emoji": strings.Repeat("¡Qué rico! 😋🍕 mañana ６pm ", 20)[:500]} {
		b.Run(name, func(b *testing.B) {
			c := newPII(b, PIIOptions{Regions: []string{"ES"}})
			b.ReportAllocs()
			for b.Loop() {
				c.Check(text)
			}
		})
	}
}
