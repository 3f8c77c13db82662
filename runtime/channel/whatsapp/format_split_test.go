package whatsapp

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// words is a text without white space and code marks: what must survive a split.
func words(parts ...string) string {
	joined := strings.Join(parts, "\n")
	return strings.Join(strings.Fields(strings.ReplaceAll(joined, "```", "")), "")
}

// checkParts holds what is true of every result, whatever the text.
func checkParts(t *testing.T, parts []string) {
	t.Helper()
	for i, part := range parts {
		switch {
		case !utf8.ValidString(part) || strings.ContainsRune(part, 0):
			t.Errorf("part %d is not clean", i)
		case units(part) > maxTextCharacters:
			t.Errorf("part %d has %d units", i, units(part))
		case strings.TrimSpace(part) == "":
			t.Errorf("part %d is empty", i)
		}
	}
}

func TestSplitPlaces(t *testing.T) {
	sentence := "This is a sentence of some length, number one. "
	paragraph := strings.TrimSpace(strings.Repeat(sentence, 40))
	for _, c := range []struct{ name, text, firstEnd, secondBegin string }{
		{"paragraph", paragraph + "\n\n" + paragraph + "\n\nTHIRD " + paragraph, "number one.", "THIRD"},
		{"sentence", strings.Repeat(sentence, 100), "number one.", "This is"},
		{"line", strings.Repeat("a line without an end, which goes on\n", 200), "goes on", "a line"},
		{"word", strings.Repeat("word ", 1000), "word", "word"},
		{"full-width sentence", strings.Repeat("这是一个句子。", 700), "。", "这是"},
		{"no place", strings.Repeat("x", 5000), "x", "x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			parts := Format(c.text)
			checkParts(t, parts)
			if len(parts) < 2 || !strings.HasSuffix(parts[0], c.firstEnd) || !strings.HasPrefix(parts[1], c.secondBegin) {
				t.Fatalf("%d parts, first ends %q, second begins %.30q", len(parts), parts[0][len(parts[0])-30:], parts[min(1, len(parts)-1)])
			}
			if words(parts...) != words(c.text) {
				t.Error("words were lost")
			}
			if len(parts) > 2+units(c.text)/2048 {
				t.Errorf("%d messages for %d characters", len(parts), units(c.text))
			}
		})
	}
}

func TestSplitKeepsLinksAndCodeWhole(t *testing.T) {
	for pad := 4000; pad < 4100; pad += 7 {
		for _, whole := range []string{
			"https://x.example/a/long/path?with=query&and=more_of_it",
			"[words of a link](https://x.example/path/to/it)",
			"`some code with blanks in it`",
			"**bold words of some length**",
		} {
			text := strings.Repeat("w ", pad/2) + whole + strings.Repeat(" and so on", 60)
			parts := Format(text)
			checkParts(t, parts)
			shown := Format(whole)[0]
			if !strings.Contains(strings.Join(parts, "\x00"), shown) {
				t.Errorf("pad %d: %q was cut: …%q | %.60q", pad, whole, parts[0][len(parts[0])-50:], parts[1])
			}
		}
	}
}

func TestSplitReopensCodeBlocks(t *testing.T) {
	var code strings.Builder
	for i := range 600 {
		fmt.Fprintf(&code, "    line %d of the program\n", i)
	}
	parts := Format("Before:\n```go\n" + code.String() + "```\nAfter **it**.")
	checkParts(t, parts)
	if len(parts) < 4 {
		t.Fatalf("%d parts", len(parts))
	}
	for i, part := range parts {
		if strings.Count(part, "```")%2 != 0 {
			t.Errorf("part %d leaves a block open: %.20q … %q", i, part, part[len(part)-20:])
		}
		for line := range strings.SplitSeq(part, "\n") {
			if strings.Contains(line, "line") && !regexp.MustCompile(`^    line \d+ of the program$`).MatchString(line) {
				t.Errorf("part %d has a cut line %q", i, line)
			}
		}
	}
	if last := parts[len(parts)-1]; !strings.HasSuffix(last, "After *it*.") {
		t.Errorf("end is %q", last)
	}
	if got := words(parts...); got != words("Before:"+code.String()+"After *it*.") {
		t.Error("words were lost")
	}
	// A block that fits one message is moved whole.
	short := "```\n" + strings.Repeat("short line\n", 300) + "```"
	parts = Format(strings.Repeat("w ", 1000) + "\n" + short)
	if len(parts) != 2 || parts[1] != short {
		t.Errorf("%d parts, second begins %.30q", len(parts), parts[len(parts)-1])
	}
}

func TestSplitKeepsCharactersWhole(t *testing.T) {
	for _, c := range []string{"👨‍👩‍👧‍👦", "🇪🇸", "👍🏽", "e\u0301\u0323", "각", "\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F", "क्षि"} {
		// The letter in front keeps the limit from falling between two by chance.
		parts := Format("x" + strings.Repeat(c, 60_000/utf8.RuneCountInString(c)))
		checkParts(t, parts)
		for i, part := range parts {
			if strings.ReplaceAll(strings.TrimPrefix(part, "x"), c, "") != "" {
				t.Errorf("%q: part %d was cut inside one: begins %.20q", c, i, part)
				break
			}
		}
	}
	// One "character" that is longer than a message: cut all the same.
	parts := Format("e" + strings.Repeat("\u0301", 9000))
	checkParts(t, parts)
	if len(parts) != 3 {
		t.Errorf("%d parts", len(parts))
	}
}

func TestSplitLongTexts(t *testing.T) {
	for name, text := range map[string]string{
		"rtl":        strings.Repeat("مرحبا بك في متجرنا. ", 3000),
		"address":    "https://x.example/" + strings.Repeat("a", 20_000),
		"code":       "`" + strings.Repeat("code ", 4000) + "`",
		"one line":   "```\n" + strings.Repeat("x", 20_000) + "\n```",
		"bold":       "**" + strings.Repeat("bold words ", 2000) + "end**",
		"stars":      strings.Repeat("*a ", 20_000),
		"closers":    strings.Repeat("*a", 15_000) + strings.Repeat("a* ", 10_000),
		"brackets":   strings.Repeat("[", 60_000),
		"ticks":      strings.Repeat("` `` ", 12_000),
		"quotes":     strings.Repeat(">", 60_000),
		"tags":       strings.Repeat("<b>x", 15_000),
		"tags alone": strings.Repeat("<a href='x'>", 5_000),
	} {
		t.Run(name, func(t *testing.T) {
			parts := Format(text)
			checkParts(t, parts)
			if len(parts) == 0 && name != "tags alone" {
				t.Error("nothing is left")
			}
		})
	}
}

func FuzzFormat(f *testing.F) {
	for _, seed := range []string{
		"**bold** _it_ `code` [t](https://x.example)", "```go\ncode\n```", "# h\n- a\n* b\n> q\n---",
		"| a | b |\n|--|--|\n| 1 | 2 |", "<b>x</b> &amp; <br>", "***a** b* ~~c~~ __init__", "👨‍👩‍👧 5*3*2",
	} {
		f.Add(seed, uint16(1))
		f.Add(seed, uint16(900))
	}
	f.Fuzz(func(t *testing.T, text string, repeat uint16) {
		if len(text) > 1000 {
			text = text[:1000]
		}
		text = strings.Repeat(text, min(int(repeat), 60_000/max(len(text), 1)))
		parts := Format(text)
		checkParts(t, parts)
		if strings.ContainsAny(text, "`*_~#<>|&[]\\=+-") || text != clean(text) {
			return
		}
		// No Markdown in it: nothing may change, and nothing may be lost.
		if trimmed := strings.TrimSpace(text); units(trimmed) <= maxTextCharacters {
			if strings.Join(parts, "") != trimmed {
				t.Errorf("%q became %q", trimmed, parts)
			}
		} else if words(parts...) != words(text) {
			t.Error("words were lost")
		}
		for _, part := range parts {
			if again := Format(part); len(again) != 1 || again[0] != part {
				t.Errorf("%q is not stable: %q", part, again)
			}
		}
	})
}
