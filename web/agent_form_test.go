package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"astromesh/config"
	"astromesh/web/form"
)

// fieldsOf is the form over a text, as a browser sends it back untouched.
func fieldsOf(t *testing.T, text string) url.Values {
	t.Helper()
	e, err := config.OpenEdit([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f := agentFields(e)
	v := url.Values{
		"yaml": {text}, "from": {"form"}, "display_name": {f.DisplayName}, "about": {f.About}, "instructions": {strings.ReplaceAll(f.Instructions, "\n", "\r\n")},
		"primary": {f.Primary}, "fallback": {f.Fallback}, "fixed_primary": {f.FixedPrimary}, "fixed_fallback": {f.FixedFallback},
		"hide_in": f.HideIn, "hide_out": f.HideOut, "max_length": {f.MaxLength}, "turns": {f.Turns},
		"pattern": {f.Pattern}, "memory": {f.Memory}, "topics": {strings.Join(f.Topics, "\r\n")}, "words": {strings.Join(f.Words, "\r\n")},
	}
	for _, tool := range f.Tools {
		v.Add("tools", tool.Name)
		if tool.On {
			v.Add("tool", tool.Name)
		}
	}
	return v
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}

// TestFormChangesOnlyWhatItSays fills the form over the sample, changes one
// thing, and compares the texts line by line.
func TestFormChangesOnlyWhatItSays(t *testing.T) {
	d := newAgentDash(t)
	sample := string(config.Sample())
	for name, c := range map[string]struct {
		change func(url.Values)
		out    []string // lines that go
		in     []string // lines that come
	}{
		"nothing":         {func(url.Values) {}, nil, nil},
		"the name":        {func(v url.Values) { v.Set("display_name", " Front\tdesk\x01 ") }, []string{"    display_name: WhatsApp Assistant"}, []string{"    display_name: Front desk"}},
		"no description":  {func(v url.Values) { v.Set("about", "") }, []string{"    description: Answers customers on WhatsApp, and looks at the pictures they send."}, nil},
		"another model":   {func(v url.Values) { v.Set("primary", "qwen3:4b") }, []string{`      model: "llava:7b"`}, []string{`      model: "qwen3:4b"`}},
		"fewer memories":  {func(v url.Values) { v.Set("turns", "12") }, []string{"      max_turns: 30"}, []string{"      max_turns: 12"}},
		"no limit":        {func(v url.Values) { v.Set("max_length", "") }, []string{"      - type: max_length", "        max_chars: 2000"}, nil},
		"phones may pass": {func(v url.Values) { v["hide_out"] = []string{"EMAIL", "CC"} }, nil, []string{"        entities:", "          - EMAIL", "          - CC"}},
		"nothing hidden":  {func(v url.Values) { v["hide_out"] = nil }, []string{"    output:", "      - type: pii_detection", "        action: redact"}, nil},
		"a plan first":    {func(v url.Values) { v.Set("pattern", "plan_and_execute") }, []string{"    pattern: react"}, []string{"    pattern: plan_and_execute"}},
		"a summary":       {func(v url.Values) { v.Set("memory", "summary") }, []string{"      strategy: sliding_window"}, []string{"      strategy: summary"}},
		"no politics":     {func(v url.Values) { v.Set("topics", " politics \r\n\r\npolitics\r\nother shops") }, nil, []string{"      - type: topic_filter", "        action: block", "        forbidden_topics:", "          - politics", "          - other shops"}},
		"no promises":     {func(v url.Values) { v.Set("words", "guarantee") }, nil, []string{"      - type: content_filter", "        action: block", "        forbidden_keywords:", "          - guarantee"}},
		"no clock":        {func(v url.Values) { v["tool"] = without(v["tool"], "datetime_now") }, []string{"      - datetime_now"}, nil},
		"calls a person":  {func(v url.Values) { v.Add("tool", "hand_over") }, nil, []string{"    - type: builtin", "      name: hand_over", "      - hand_over"}},
		"no tools":        {func(v url.Values) { v["tool"] = nil }, []string{"    allowed_actions:", "      - datetime_now", "      - get_user_context"}, []string{"    allowed_actions: []"}},
	} {
		v := fieldsOf(t, sample)
		c.change(v)
		var got struct{ YAML, Problem string }
		w := d.owner.post("/agents/shop/document", v)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || got.Problem != "" {
			t.Fatalf("%s: %d %v %s", name, w.Code, err, w.Body)
		}
		var out, in []string
		for _, l := range diffOf(sample, got.YAML) {
			switch l.Kind() {
			case "out":
				out = append(out, l.Text)
			case "in":
				in = append(in, l.Text)
			}
		}
		if !slices.Equal(out, c.out) || !slices.Equal(in, c.in) {
			t.Errorf("%s: out %q in %q, want %q and %q", name, out, in, c.out, c.in)
		}
		if w := d.owner.post("/agents/shop/fields", yamlForm(got.YAML)); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "formless") {
			t.Errorf("%s: the form is not shown again: %d %s", name, w.Code, w.Body)
		}
	}
}

func manyLines(n int) string {
	var lines []string
	for i := range n {
		lines = append(lines, strconv.Itoa(i))
	}
	return strings.Join(lines, "\n")
}

// A switch that goes off and on again ends where it began.
func TestFormToolsOffAndOn(t *testing.T) {
	e, err := config.OpenEdit([]byte(shopYAML))
	if err != nil {
		t.Fatal(err)
	}
	on := func(name string) bool {
		return slices.Contains(agentFields(e).Tools, form.AgentTool{Name: name, On: true})
	}
	set := func(name string, to bool) {
		f := agentFields(e)
		for i := range f.Tools {
			if f.Tools[i].Name == name {
				f.Tools[i].On = to
			}
		}
		if err := applyFields(e, f); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		name string
		to   bool
	}{{"datetime_now", true}, {"get_user_context", true}, {"datetime_now", false}, {"get_user_context", false}, {"datetime_now", true}} {
		set(step.name, step.to)
		if on(step.name) != step.to {
			t.Errorf("%v had no effect:\n%s", step, e.Bytes())
		}
		if _, problems := config.ParseAgent("shop", e.Bytes(), nil); problems.HasErrors() {
			t.Errorf("%v: %s\n%s", step, problems, e.Bytes())
		}
	}
	if on("get_user_context") {
		t.Errorf("the other one came along:\n%s", e.Bytes())
	}
}

// What is wrong is said beside its field, what was typed stays, nothing is kept.
func TestFormBadInput(t *testing.T) {
	d := newAgentDash(t)
	sample := string(config.Sample())
	for name, c := range map[string]struct{ field, value, words string }{
		"no model":          {"primary", " ", "Name the model"},
		"letters":           {"max_length", "two", "whole number"},
		"none":              {"max_length", "0", "whole number"},
		"less than none":    {"turns", "-1", "whole number"},
		"a fraction":        {"turns", "1.5", "whole number"},
		"far too many":      {"turns", "99999999999999999999", "whole number"},
		"a long word":       {"words", strings.Repeat("é", 301), "200 lines"},
		"many topics":       {"topics", manyLines(201), "200 lines"},
		"a long name":       {"display_name", strings.Repeat("é", 301), "300 characters"},
		"long instructions": {"instructions", strings.Repeat("a", 32_001), "32,000"},
	} {
		v := fieldsOf(t, sample)
		v.Set(c.field, c.value)
		w := d.owner.post("/agents/shop", v)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.words) || !strings.Contains(w.Body.String(), c.field+"-error") {
			t.Errorf("%s: %d, wants %q beside %s", name, w.Code, c.words, c.field)
		}
		if typed := strings.TrimSpace(c.value); typed != "" && !strings.Contains(w.Body.String(), typed) {
			t.Errorf("%s: what was typed is gone", name)
		}
		if _, err := d.store.Draft(t.Context(), "shop"); err == nil {
			t.Fatalf("%s was saved", name)
		}
	}
	v := fieldsOf(t, sample)
	v.Set("display_name", `"><script>alert(1)</script>`)
	if w := d.owner.post("/agents/shop", v); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<script>alert") {
		t.Errorf("markup in a name: %d", w.Code)
	}
}

func TestDiff(t *testing.T) {
	kinds := func(a, b string) string {
		var list []string
		for _, l := range diffOf(a, b) {
			list = append(list, l.Kind()+l.Text)
		}
		return strings.Join(list, " ")
	}
	long := strings.Repeat("x\n", 3000)
	for _, c := range []struct{ a, b, want string }{
		{"a\n", "a\n", ""}, {"", "", ""}, {"a", "a\n", ""},
		{"", "a\nb\n", "ina inb"}, {"a\nb\n", "", "outa outb"},
		{"a\nb\nc\n", "a\nB\nc\n", "samea outb inB samec"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n0\n", "gap same6 same7 same8 out9 in0"},
		{"a\n1\n2\n3\n4\n5\n6\n7\n8\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\n8\nB\n", "outa inA same1 same2 same3 gap same6 same7 same8 outb inB"},
		{"a\nb\n", "b\na\n", "outa sameb ina"},
	} {
		if got := kinds(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %q, want %q", c.a, c.b, got, c.want)
		}
	}
	if got := diffOf("a\n"+long+"b\n", "c\n"+strings.ReplaceAll(long, "x", "y")+"d\n"); len(got) != 6004 {
		t.Errorf("two long texts: %d lines", len(got))
	}
}

// The form over a file with every key that there is: what it does not show stays,
// byte for byte, whatever is changed.
func TestFormKeepsEveryKey(t *testing.T) {
	b, err := os.ReadFile("../config/testdata/reference/every-key.agent.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(b)
	for name, c := range map[string]struct {
		change  func(url.Values)
		out, in []string
	}{
		"nothing":      {func(url.Values) {}, nil, nil},
		"a topic":      {func(v url.Values) { v.Set("topics", "politics\r\nreligion") }, nil, []string{"          - religion"}},
		"no topic":     {func(v url.Values) { v.Set("topics", "") }, []string{"      - type: topic_filter", "        blocked_topics:", "          - politics"}, nil},
		"no word":      {func(v url.Values) { v.Set("words", "") }, []string{"        forbidden_keywords:", "          # what the lawyer said", "          - guarantee"}, nil},
		"a summary":    {func(v url.Values) { v.Set("memory", "summary") }, []string{"      strategy: sliding_window"}, []string{"      strategy: summary"}},
		"a supervisor": {func(v url.Values) { v.Set("pattern", "supervisor") }, []string{"    pattern: react"}, []string{"    pattern: supervisor"}},
		"fewer turns":  {func(v url.Values) { v.Set("turns", "10") }, []string{"      max_turns: 30 # half an evening"}, []string{"      max_turns: 10 # half an evening"}},
		"not the lead": {func(v url.Values) { v["tool"] = without(v["tool"], "note_lead") }, []string{"    allowed_actions: [datetime_now, note_lead]"}, []string{"    allowed_actions:", "      - datetime_now"}},
	} {
		v := fieldsOf(t, whole)
		c.change(v)
		f := form.BindAgent(v)
		if !f.Validate() {
			t.Fatalf("%s: %v", name, f.Errors)
		}
		e, err := config.OpenEdit([]byte(whole))
		if err != nil {
			t.Fatal(err)
		}
		if err := applyFields(e, f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var out, in []string
		for _, l := range diffOf(whole, string(e.Bytes())) {
			switch l.Kind() {
			case "out":
				out = append(out, l.Text)
			case "in":
				in = append(in, l.Text)
			}
		}
		if !slices.Equal(out, c.out) || !slices.Equal(in, c.in) {
			t.Errorf("%s: out %q in %q, want %q and %q", name, out, in, c.out, c.in)
		}
	}
}
