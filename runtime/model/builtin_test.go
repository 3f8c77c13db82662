package model_test

import (
	"strings"
	"testing"

	"astromesh/runtime/model"
)

var shopFAQ = map[string]any{
	"default": "I will pass that on.",
	"faq": []any{
		map[string]any{"q": []any{"What are your opening hours?", "When are you open?", "¿A qué hora abren?"}, "a": "Nine to six."},
		map[string]any{"q": "Where are you?", "a": "Main Street 1."},
		map[string]any{"q": []any{"Do you deliver?", "¿Hacen envíos?"}, "a": "Yes, within two days."},
		map[string]any{"q": "营业时间", "a": "九点到六点"},
	},
}

func TestBuiltinFindsTheClosestQuestion(t *testing.T) {
	llm, err := model.NewBuiltin("faq", shopFAQ)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ message, want string }{
		{"what are your OPENING hours", "Nine to six."},
		{"Hi! When are you open on Sundays?", "Nine to six."},
		{"a que hora abren", "Nine to six."},
		{"Hola, ¿A QUÉ HORA abren hoy?", "Nine to six."},
		{"where are you", "Main Street 1."},
		{"do you deliver to Madrid?", "Yes, within two days."},
		{"hacen envios?", "Yes, within two days."},
		{"请问营业时间是什么", "九点到六点"},
		{"opening hours", "Nine to six."}, // part of a question, and nothing else
		{"Opening hours please?", "Nine to six."},
		{"deliver?", "Yes, within two days."},
		{"hours", "I will pass that on."},
		{"what?", "I will pass that on."},
		{"what are you", "I will pass that on."},
		{"when", "I will pass that on."},
		{"You are very nice", "I will pass that on."},
		{"Tell me about the weather in Paris", "I will pass that on."},
		{"are you", "I will pass that on."},
		{"???", "I will pass that on."},
		{"", "I will pass that on."},
		{strings.Repeat("a\x00\xff ", 20000), "I will pass that on."},
	}
	for _, test := range tests {
		streamed := ""
		got := chat(t, llm, model.Request{OnToken: func(s string) { streamed += s }, Messages: []model.Message{
			{Role: model.RoleSystem, Content: "Where are you?"},
			user("What are your opening hours?"),
			{Role: model.RoleAssistant, Content: "Do you deliver?"},
			user(test.message),
		}})
		if got.Content != test.want || streamed != got.Content || got.Usage.Candidate != "builtin/faq" {
			t.Errorf("%.40q: %q", test.message, got.Content)
		}
	}
}

func TestBuiltinConfigurationInWords(t *testing.T) {
	tests := []struct {
		model      string
		parameters map[string]any
		want       string
	}{
		{"gpt", nil, "has the model faq"},
		{"faq", nil, "needs the parameter default"},
		{"faq", map[string]any{"default": "x", "temperature": 1}, "not temperature"},
		{"faq", map[string]any{"default": "x", "faq": "y"}, "faq must be a list"},
		{"faq", map[string]any{"default": "x", "faq": []any{"y"}}, "entry 1 must be {q, a}"},
		{"faq", map[string]any{"default": "x", "faq": []any{map[string]any{"q": 3, "a": "y"}}}, "entry 1: q must be"},
		{"faq", map[string]any{"default": "x", "faq": []any{map[string]any{"q": "y"}}}, "entry 1: a must be"},
	}
	for _, test := range tests {
		if _, err := model.NewBuiltin(test.model, test.parameters); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v", test.parameters, err)
		}
	}
}

func BenchmarkBuiltin(b *testing.B) {
	llm, err := model.NewBuiltin("faq", shopFAQ)
	if err != nil {
		b.Fatal(err)
	}
	req := model.Request{Messages: []model.Message{user("Hi! When are you open on Sundays?")}}
	for b.Loop() {
		if _, err := llm.Chat(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}
