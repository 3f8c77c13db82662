package config

import (
	"strings"
	"testing"
	"time"
)

// TestPatterns: what cannot be used, or would explode, is refused in words.
func TestPatterns(t *testing.T) {
	for text, says := range map[string]string{
		"(": "does not compile", "a(?=b)": "looks around", "(?<!no)way": "looks around", `(a)\1`: "does not compile", "(a{1,900}){1,900}": "too large",
		"((a{1,90}){1,90}){1,90}": "too large", "a{1001}": "too large", strings.Repeat("a", 2001): "longer than", "[z-a]": "does not compile",
		"\xff": "does not compile", strings.Repeat("(", 1500): "does not compile", strings.Repeat("(a{9}", 300): "this regular expression",
	} {
		if re, err := CompilePattern(text); re != nil || err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.30q: %v", text, err)
		}
	}
	for text, everything := range map[string]bool{`(?i)\b(kill yourself|kys)\b`: false, `(?:\d[ -]?){13,16}`: false, `a{1,500}`: false, ".*": true, ".+": true, "": false, `(?s).`: true} {
		re, err := CompilePattern(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := matchesEverything(re); got != everything {
			t.Errorf("%q matches everything: %v", text, got)
		}
	}
	if re, err := CompilePattern("Contraseña"); err != nil || !re.MatchString("mi CONTRASEÑA") {
		t.Errorf("capitals are told apart: %v", err)
	}
}

// FuzzPattern: any expression that is taken is soon through with a long message.
func FuzzPattern(f *testing.F) {
	for _, text := range []string{"(a+)+$", `(\w*\s*){1,99}x`, "((a?){30}a{30}){2}", "(?i)(.*)*z", "[^\\x00]{1,1000}q", "(((a{1,9}){1,9}){1,9})"} {
		f.Add(text)
	}
	message := strings.Repeat("aaaa b1 ", 512)
	f.Fuzz(func(t *testing.T, text string) {
		re, err := CompilePattern(text)
		if err != nil {
			return
		}
		began := time.Now()
		re.FindAllStringIndex(message, 1000)
		if took := time.Since(began); took > parsePatience {
			t.Fatalf("%q took %s", text, took)
		}
	})
}
