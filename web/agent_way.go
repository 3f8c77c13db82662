package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"astromesh/config"
	"astromesh/web/form"

	"github.com/goccy/go-yaml"
)

// wordRule is a guardrail whose list of words the form shows: the first of the
// keys is written, the others are its older names.
type wordRule struct {
	direction, kind string
	keys            []string
}

// The two lists of the form: what it is not to talk about, what it must not say.
var (
	topicRule = wordRule{"input", "topic_filter", []string{"forbidden_topics", "blocked_topics"}}
	wordsRule = wordRule{"output", "content_filter", []string{"forbidden_keywords"}}
)

// wayIn fills how the agent works and what it must not speak of.
func wayIn(e *config.Edit, f *form.Agent) {
	f.Pattern = cmp.Or(e.Text("spec", "orchestration", "pattern"), "react")
	f.Memory = cmp.Or(e.Text("spec", "memory", "conversational", "strategy"), "sliding_window")
	f.Topics, _ = topicRule.lines(e)
	f.Words, _ = wordsRule.lines(e)
}

// applyWay writes what differs of it. A choice that was not sent stays.
func applyWay(e *config.Edit, was, f form.Agent) error {
	f.Pattern, f.Memory = cmp.Or(f.Pattern, was.Pattern), cmp.Or(f.Memory, was.Memory)
	for _, err := range []error{
		setOrDelete(e, was.Pattern, f.Pattern, f.Pattern, "spec", "orchestration", "pattern"),
		setOrDelete(e, was.Memory, f.Memory, f.Memory, "spec", "memory", "conversational", "strategy"),
		topicRule.apply(e, was.Topics, f.Topics),
		wordsRule.apply(e, was.Words, f.Words),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// lines is the list as the form has it, and its key.
func (r wordRule) lines(e *config.Edit) (list []string, key string) {
	i := ruleAt(e, r.direction, r.kind)
	if i < 0 {
		return nil, r.keys[0]
	}
	for _, key := range r.keys {
		words, _ := e.Get("spec", "guardrails", r.direction, i, key).([]any)
		for _, w := range words {
			list = append(list, fmt.Sprint(w))
		}
		if len(list) > 0 {
			return form.Lines(strings.Join(list, "\n")), key
		}
	}
	return nil, r.keys[0]
}

// apply writes the list. A rule that has nothing else to look for goes with it.
func (r wordRule) apply(e *config.Edit, was, now []string) error {
	if slices.Equal(was, now) {
		return nil
	}
	i, at := ruleAt(e, r.direction, r.kind), []any{"spec", "guardrails", r.direction}
	_, key := r.lines(e)
	switch {
	case len(now) == 0 && r.alone(e, i, key):
		return e.Delete(append(at, i)...)
	case len(now) == 0:
		return e.Delete(append(at, i, key)...)
	case i >= 0:
		return e.Set(now, append(at, i, key)...)
	default:
		rule := yaml.MapSlice{{Key: "type", Value: r.kind}, {Key: "action", Value: "block"}, {Key: key, Value: now}}
		return e.Set(rule, append(at, e.Len(at...))...)
	}
}

// alone tells whether a rule looks for nothing but this list.
func (r wordRule) alone(e *config.Edit, i int, key string) bool {
	rule, _ := e.Get("spec", "guardrails", r.direction, i).(yaml.MapSlice)
	return !slices.ContainsFunc(rule, func(item yaml.MapItem) bool {
		return item.Key != "type" && item.Key != "action" && item.Key != key
	})
}
