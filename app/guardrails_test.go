package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// guardrails runs `guardrails test` with the shipped agent.
func guardrails(t *testing.T, input, agent, direction string) (code int, out []string, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := &command{ctx: t.Context(), stdin: strings.NewReader(input), stdout: &stdout, stderr: &stderr, env: func(string) (string, bool) { return "", false }}
	code = run(c, []string{"guardrails", "test", "--agent", agent, "--direction", direction})
	return code, strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n"), stderr.String()
}

// Offsets count the bytes of the given text, whatever stands before them.
func TestGuardrailsTestSaysWhatAndWhere(t *testing.T) {
	text := "¿é😀? ana@example.com & <b>"
	given, _ := json.Marshal(map[string]string{"text": text})
	long, _ := json.Marshal(map[string]string{"text": strings.Repeat("x", 2001)})
	for _, c := range []struct{ direction, line, want string }{
		{"input", string(given), fmt.Sprintf(`{"action":"rewrite","text":"¿é😀? [REDACTED_EMAIL] & <b>","findings":[{"rule":"pii_detection","entity":"EMAIL","start":%d,"end":%d}]}`,
			strings.Index(text, "ana"), strings.Index(text, " &"))},
		{"output", `{"text":"call +34 655 44 33 22"}`, `{"action":"rewrite","text":"call [REDACTED_PHONE]","findings":[{"rule":"pii_detection","entity":"PHONE","start":5,"end":21}]}`},
		{"input", `{"text":"order 123456789 at 10:30"}`, `{"action":"allow","text":"order 123456789 at 10:30","findings":[]}`},
		{"input", `{"text":""}`, `{"action":"allow","text":"","findings":[]}`},
		{"input", string(long), `{"action":"block",`},
	} {
		if code, out, said := guardrails(t, c.line+"\n", "whatsapp-assistant", c.direction); code != 0 || len(out) != 1 || !strings.HasPrefix(out[0], c.want) || said != "" {
			t.Errorf("%.60s: exit %d\n got %s\nwant %s\n%s", c.line, code, out, c.want, said)
		}
	}
}

// A line that cannot be read costs only itself: the others are judged, and the
// answers keep their order, one for each line that holds anything.
func TestGuardrailsTestGoesOnAfterABadLine(t *testing.T) {
	lines := []string{`{"text":"one"}`, "", "  ", "not json", "[1]", `{"text":5}`, `{"text":null}`, `{"x":1}`, "null", `{"text":"two"}`, `{"text":"three"}`}
	code, out, said := guardrails(t, strings.Join(lines, "\r\n"), "whatsapp-assistant", "input")
	if code != 0 || len(out) != 9 {
		t.Fatalf("exit %d, %d lines: %q\n%s", code, len(out), out, said)
	}
	for i, n := range []int{4, 5, 6, 7, 8, 9} {
		if want := fmt.Sprintf(`{"error":"line %d is not a JSON object {\"text\": \"…\"}"}`, n); out[1+i] != want {
			t.Errorf("got %s, want %s", out[1+i], want)
		}
		if !strings.Contains(said, fmt.Sprintf("line %d is not", n)) {
			t.Errorf("nothing is said of line %d: %s", n, said)
		}
	}
	for i, word := range map[int]string{0: "one", 7: "two", 8: "three"} {
		if !strings.Contains(out[i], `"text":"`+word+`"`) {
			t.Errorf("line %d: %s", i, out[i])
		}
	}
}

func TestGuardrailsTestRefusesWhatItCannotDo(t *testing.T) {
	for _, c := range []struct {
		input, agent, direction string
		code                    int
		says                    string
	}{
		{`{"text":"x"}`, "nobody", "input", 1, `no agent "nobody"`},
		{`{"text":"x"}`, "whatsapp-assistant", "sideways", usageCode, "sideways"},
		{`{"text":"` + strings.Repeat("x", mostLine) + `"}`, "whatsapp-assistant", "input", 1, "line 1 is longer than 16 MB"},
	} {
		if code, _, said := guardrails(t, c.input, c.agent, c.direction); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s %s: exit %d, %.200s", c.agent, c.direction, code, said)
		}
	}
}
