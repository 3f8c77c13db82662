package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/runtime/guardrail"
	"astromesh/store"
	"astromesh/web/form"
)

func TestGuardrailPageSaysTheRulesAndTheHits(t *testing.T) {
	steadyClock(t)
	d := newDash(t)
	if html := d.staff.page("/guardrails"); !strings.Contains(html, "Nothing was found in the last 14 days") {
		t.Error("an empty page does not say so")
	}
	d.wrote("a", "34600000001", "Ana", "")
	d.wrote("b", "34600000002", "Luis", "")
	html := d.staff.page("/guardrails")
	for _, want := range []string{
		"Hits in 14 days: 2", "An e-mail address", "in the customer&#39;s message", ": 2<", "/logs?kind=guardrail&amp;agent=shop&amp;q=EMAIL",
		"Replaces personal data with a marker: bank accounts (IBAN), card numbers", "Stops a text of more than 2000 characters", "What the agent replies",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestTryGuardrails(t *testing.T) {
	d := newDash(t)
	for _, c := range []struct {
		name, text, agent, direction string
		status                       int
		want                         string
	}{
		{"harmless", "two <b>pizzas</b>", "shop", "input", 200, "two &lt;b&gt;pizzas&lt;/b&gt;"},
		{"found", "write to ana@example.com now", "shop", "input", 200, "<mark>ana@example.com<small>An e-mail address</small></mark>"},
		{"found in Arabic", "اكتب إلى ana@example.com", "shop", "output", 200, "اكتب إلى [REDACTED_EMAIL]"},
		{"too long", strings.Repeat("a", 2001), "shop", "input", 200, "The text goes no further"},
		{"long and a reply", strings.Repeat("a", 2001), "shop", "output", 200, "The text goes on as it is"},
		{"empty", " \n", "shop", "input", 422, "Type a text to judge"},
		{"huge", strings.Repeat("a", form.LongestTry+1), "shop", "input", 422, "The text is too long"},
		{"no agent", "hello", "ghost", "input", 422, "not in service any more"},
		{"odd direction", "hello", "shop", "sideways", 200, "The text goes on as it is"},
	} {
		values := url.Values{"text": {c.text}, "agent": {c.agent}, "direction": {c.direction}}
		for _, header := range [][]string{nil, {"HX-Request", "true"}} {
			w := d.staff.post("/guardrails/try", values, header...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s: %d, says %q: %v", c.name, w.Code, c.want, strings.Contains(w.Body.String(), c.want))
			}
			if whole := strings.Contains(w.Body.String(), "<html"); whole != (header == nil) {
				t.Errorf("%s: a whole page: %v", c.name, whole)
			}
			if c.status == 422 && c.text == "hello" && !strings.Contains(w.Body.String(), ">hello</textarea>") {
				t.Errorf("%s: what was typed is gone", c.name)
			}
		}
	}
	if last, err := d.store.LastEvent(t.Context()); err != nil || last != 0 {
		t.Errorf("a tried text left event %d, %v", last, err)
	}
}

// said keeps texts of a customer as they would be stored.
func (d *dash) said(texts ...string) {
	d.t.Helper()
	conv := d.wrote("said", "34600000001", "Ana", "")
	var lines []store.Message
	for _, text := range texts {
		lines = append(lines, store.Message{ConversationID: conv, Author: store.AuthorCustomer, Kind: "text", Text: text, At: 1})
	}
	lines = append(lines, store.Message{ConversationID: conv, Author: store.AuthorAgent, Kind: "text", Text: "ana@example.com", At: 1})
	if err := d.store.Record(nil, lines); err != nil {
		d.t.Fatal(err)
	}
}

func TestDryRun(t *testing.T) {
	d := newDash(t)
	d.said("my mail is [REDACTED_EMAIL]", "call me", "ip 10.20.30.40 "+strings.Repeat("x", 30), "[REDACTED_PHONE] and [REDACTED_EMAIL]")
	all := url.Values{"agent": {"shop"}, "pii": {"1"}, "pii_action": {"redact"}, "entity": guardrail.Entities(), "max_chars": {"2000"}}
	with := func(change func(url.Values)) url.Values {
		v := url.Values{}
		for k, list := range all {
			v[k] = list
		}
		change(v)
		return v
	}
	for name, c := range map[string]struct {
		values url.Values
		status int
		want   []string
	}{
		"same":        {all, 200, []string{"Texts judged: 5", "No text would fare otherwise"}},
		"no e-mail":   {with(func(v url.Values) { v["entity"] = []string{"PHONE", "IP"} }), 200, []string{">3</td><td", "−1", "no hit any more", "another find"}},
		"all stopped": {with(func(v url.Values) { v.Set("pii_action", "block") }), 200, []string{"+3", "now stopped", "<mark>10.20.30.40"}},
		"nothing":     {with(func(v url.Values) { v.Del("pii") }), 200, []string{"−3", "no hit any more"}},
		"short":       {with(func(v url.Values) { v.Set("length", "1"); v.Set("max_chars", "40") }), 200, []string{"+1", "now stopped"}},
		"cut":         {with(func(v url.Values) { v.Set("length", "1"); v.Set("max_chars", "6"); v.Set("length_action", "truncate") }), 200, []string{"now a hit"}},
		"no entity":   {with(func(v url.Values) { v.Del("entity") }), 422, []string{"Choose at least one kind"}},
		"odd entity":  {with(func(v url.Values) { v["entity"] = []string{"SOUL"} }), 422, []string{"Choose at least one kind"}},
		"no number":   {with(func(v url.Values) { v.Set("length", "1"); v.Set("max_chars", "many") }), 422, []string{"Type a whole number", `value="many"`}},
		"zero":        {with(func(v url.Values) { v.Set("length", "1"); v.Set("max_chars", "0") }), 422, []string{"Type a whole number"}},
		"nobody":      {with(func(v url.Values) { v.Set("agent", "ghost") }), 422, []string{"not in service"}},
		"a topic":     {with(func(v url.Values) { v.Set("topic", "1"); v.Set("topics", "call\r\n") }), 200, []string{"+1", "now stopped", "<mark>call"}},
		"no topic":    {with(func(v url.Values) { v.Set("topic", "1") }), 422, []string{"Type at least one topic"}},
		"a word": {with(func(v url.Values) {
			v.Set("content", "1")
			v.Set("keywords", "call me")
			v.Set("content_action", "warn")
		}), 200, []string{"+1", "now a hit"}},
		"a pattern": {with(func(v url.Values) {
			v.Set("content", "1")
			v.Set("patterns", `x{9}`)
			v.Set("content_action", "redact")
		}), 200, []string{"another find"}},
		"no word":      {with(func(v url.Values) { v.Set("content", "1") }), 422, []string{"Type at least one word"}},
		"bad pattern":  {with(func(v url.Values) { v.Set("content", "1"); v.Set("patterns", "a(?=b)") }), 422, []string{"cannot be used", "a(?=b)</textarea>"}},
		"odd settings": {with(func(v url.Values) { v.Set("pii_action", "eat"); v.Set("length_action", "eat") }), 200, []string{"No text would fare otherwise"}},
	} {
		w := d.staff.post("/guardrails/dry", c.values, "HX-Request", "true")
		if w.Code != c.status {
			t.Errorf("%s: status %d", name, w.Code)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s lacks %q: %s", name, want, w.Body)
			}
		}
	}
	if w := d.staff.post("/guardrails/dry", all); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<html") {
		t.Errorf("without htmx: %d", w.Code)
	}
}

func TestDryRunWithoutTexts(t *testing.T) {
	w := newDash(t).owner.post("/guardrails/dry", url.Values{"agent": {"shop"}})
	if !strings.Contains(w.Body.String(), "No customer has written yet") {
		t.Error("it does not say why there is nothing")
	}
}

func TestChangedRulesKeepTheOrder(t *testing.T) {
	rules := []config.Guardrail{{Type: "max_length", MaxChars: 9}, {Type: "topic_filter"}, {Type: "cost_limit", MaxTokensPerTurn: 7}, {Type: "pii_detection"}, {Type: "pii_detection", Action: "warn"}}
	f := form.DryRun{
		PII: true, PIIAction: "block", Entities: []string{"EMAIL"}, Length: true, MaxChars: "5", LengthAction: "block",
		Topic: true, Topics: "politics\r\n\nreligion", Content: true, Keywords: "spam", Patterns: "a+",
	}
	got := changedRules(rules, f)
	if len(got) != 5 || got[0].MaxChars != 5 || len(got[1].Topics()) != 2 || got[2].MaxTokensPerTurn != 7 || got[3].Action != "block" || len(got[4].BlockedPatterns) != 1 {
		t.Errorf("%+v", got)
	}
	if got := changedRules(nil, f); len(got) != 4 || got[0].Type != "pii_detection" {
		t.Errorf("%+v", got)
	}
	if got := changedRules(rules, form.DryRun{}); len(got) != 1 || got[0].Type != "cost_limit" {
		t.Errorf("%+v", got)
	}
}

func TestPartsOfCutsAtFindings(t *testing.T) {
	for _, c := range []struct {
		findings []guardrail.Finding
		want     string
	}{
		{nil, "abcdef"},
		{[]guardrail.Finding{{Entity: "X", Start: 1, End: 3}}, "a[bc]def"},
		{[]guardrail.Finding{{Entity: "X", Start: 0, End: 4}, {Entity: "Y", Start: 2, End: 6}}, "[abcd][ef]"},
		{[]guardrail.Finding{{Entity: "X", Start: 2, End: 99}, {Entity: "Y", Start: 3, End: 4}}, "ab[cdef]"},
	} {
		got := ""
		for _, p := range partsOf("abcdef", c.findings) {
			if p.Entity != "" {
				got += "[" + p.Text + "]"
			} else {
				got += p.Text
			}
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.findings, got, c.want)
		}
	}
}
