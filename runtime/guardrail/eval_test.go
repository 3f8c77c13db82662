package guardrail

import (
	"bufio"
	"os"
	"regexp"
	"strings"
	"testing"
)

// sample is a text and what of it is private.
type sample struct {
	text  string
	spans []Finding
}

// hardSentences are sentences of customers and shops in twenty languages, written
// by hand, with numbers of every kind side by side.
func hardSentences(t testing.TB) []sample {
	t.Helper()
	file, err := os.Open("testdata/eval_hard.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	mark := regexp.MustCompile(`⟦([A-Z_]+):(.*?)⟧`)
	var list []sample
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		var s sample
		at := 0
		for _, m := range mark.FindAllStringSubmatchIndex(line, -1) {
			s.text += line[at:m[0]]
			start := len(s.text)
			s.text += line[m[4]:m[5]]
			s.spans = append(s.spans, Finding{PIIRule, line[m[2]:m[3]], start, len(s.text)})
			at = m[1]
		}
		s.text += line[at:]
		list = append(list, s)
	}
	return list
}

// tally counts by entity: what was to be found, what was found, and what was
// found where it is not, or under another name.
type evalTally struct{ all, hit, wrong map[string]int }

func (c *evalTally) add(t testing.TB, s sample, found []Finding) {
	t.Helper()
	left := append([]Finding(nil), s.spans...)
	for _, f := range found {
		match := -1
		for i, w := range left {
			if w.Entity == f.Entity && f.Start < w.End && w.Start < f.End {
				match = i
			}
		}
		if match < 0 {
			c.wrong[f.Entity]++
			t.Logf("%s is wrong in %q: %q", f.Entity, s.text, s.text[f.Start:f.End])
			continue
		}
		c.hit[f.Entity]++
		left = append(left[:match], left[match+1:]...)
	}
	for _, w := range s.spans {
		c.all[w.Entity]++
	}
	for _, w := range left {
		t.Logf("%s is missed in %q", w.Entity, s.text)
	}
}

// hold fails where an entity is found too seldom, or too often where it is not.
func (c *evalTally) hold(t *testing.T, recall, phones, precision float64) {
	t.Helper()
	for k := range kindCount {
		e := k.entity()
		least := recall
		if k == kindPhone {
			least = phones
		}
		if c.all[e] == 0 {
			t.Errorf("there is no %s to be found", e)
			continue
		}
		floor(t, e+", recall", c.hit[e], c.all[e], least)
		floor(t, e+", precision", c.hit[e], c.hit[e]+c.wrong[e], precision)
	}
}

func newTally() *evalTally {
	return &evalTally{map[string]int{}, map[string]int{}, map[string]int{}}
}

func TestHardSentences(t *testing.T) {
	c, count := newPII(t, PIIOptions{}), newTally()
	list := hardSentences(t)
	if len(list) < 140 {
		t.Fatalf("only %d sentences", len(list))
	}
	for _, s := range list {
		count.add(t, s, c.Check(s.text).Findings)
	}
	count.hold(t, 1, 1, 1)
}

// TestEvaluation measures recall and precision on generated messages: numbers of
// each kind, valid and in the writings of people, in frames of many languages,
// between as many that only look alike. The seed is fixed, so the figures are
// counts that fall only when the code changes.
func TestEvaluation(t *testing.T) {
	c, count := newPII(t, PIIOptions{}), newTally()
	g := newGenerator(20261123)
	for range 4000 {
		s := g.private()
		count.add(t, s, c.Check(s.text).Findings)
	}
	for range 4000 {
		s := g.harmless()
		count.add(t, s, c.Check(s.text).Findings)
	}
	count.hold(t, 0.98, 0.95, 0.97)
	if len(g.regions) < 30 {
		t.Errorf("phones of %d countries only", len(g.regions))
	}
}
