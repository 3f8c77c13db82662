package web

import (
	"strings"
	"testing"

	"astromesh/web/view"
)

// styled writes spans as tags, for tables.
func styled(spans []view.PhoneSpan) string {
	var b strings.Builder
	for _, s := range spans {
		tags := ""
		if s.Bold {
			tags += "b"
		}
		if s.Italic {
			tags += "i"
		}
		if s.Struck {
			tags += "s"
		}
		if s.Code {
			tags += "c"
		}
		if tags == "" {
			b.WriteString(s.Text)
			continue
		}
		b.WriteString("<" + tags + ":" + s.Text + ">")
	}
	return b.String()
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"plain":                   "plain",
		"*bold*":                  "<b:bold>",
		"a *b* c":                 "a <b:b> c",
		"_it_ ~gone~ `x*y*`":      "<i:it> <s:gone> <c:x*y*>",
		"*bold _both_*":           "<b:bold ><bi:both>",
		"```two\nlines```":        "<c:two\nlines>",
		"2 * 3 * 4":               "2 * 3 * 4",
		"2*3*4":                   "2*3*4",
		"snake_case_name":         "snake_case_name",
		"*open":                   "*open",
		"**":                      "**",
		"****":                    "****",
		"*two\nlines*":            "*two\nlines*",
		"* not bold*":             "* not bold*",
		"(*bold*), too":           "(<b:bold>), too",
		"Ünï*code*":               "Ünï*code*",
		"*é*":                     "<b:é>",
		"```":                     "```",
		"~~~~~":                   "~~~~~",
		"*a* *b*":                 "<b:a> <b:b>",
		"*_~*_~*_~deep~_*~_*~_*":  "", // only that it ends, and loses no letter
		"*ends with a space * ok": "*ends with a space * ok",
	} {
		if got := styled(spansOf(text)); want != "" && got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// FuzzSpans loses no character but marks, whatever comes.
func FuzzSpans(f *testing.F) {
	for _, seed := range []string{"*bold* _it_", "```a\n*b*```", "*_~`", "*\xff*", "* *\u00a0*", strings.Repeat("*_a", 50)} {
		f.Add(seed)
	}
	strip := strings.NewReplacer("*", "", "_", "", "~", "", "`", "")
	f.Fuzz(func(t *testing.T, text string) {
		var b strings.Builder
		for _, s := range spansOf(text) {
			if s.Text == "" {
				t.Errorf("an empty span in %q", text)
			}
			b.WriteString(s.Text)
		}
		if strip.Replace(b.String()) != strip.Replace(text) {
			t.Errorf("%q became %q", text, b.String())
		}
	})
}
