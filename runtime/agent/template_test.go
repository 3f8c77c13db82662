package agent

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func values() map[string]any {
	return map[string]any{
		"contact": fields{"name": "Ana", "id": "c_1", "phone": nil},
		"now":     clock{time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC)},
		"agent":   fields{"name": "helper"},
		"memory":  []any{map[string]any{"role": "user", "content": "hi"}},
		"context": fields{},
	}
}

func TestTemplateRenders(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"plain", "You help.\n", "You help."},
		{"plain with braces", "Use { and }.", "Use { and }."},
		{"variable", "Hi {{ contact.name }}!", "Hi Ana!"},
		{"item", `{{ contact["name"] }}`, "Ana"},
		{"undefined", "[{{ nobody }}]", "[]"},
		{"undefined part", "[{{ contact.shoe }}]", "[]"},
		{"part of undefined", "[{{ nobody.shoe.size }}]", "[]"},
		{"part of undefined part", "[{{ contact.shoe.size }}]", "[]"},
		{"default", "{{ nobody | default('friend') }}", "friend"},
		{"default of a part", "{{ contact.shoe | default('38') }} {{ contact.phone | d('none') }} {{ nobody.shoe | d('x') }}", "38 none x"},
		{"is defined", "{{ 1 if nobody is defined else 2 }}{{ 1 if contact.shoe is undefined else 2 }}{{ 1 if contact.name is defined else 2 }}", "211"},
		{"or", "{{ nobody or contact.shoe or 'x' }}", "x"},
		{"items of fields", "{% for k, v in context.items() %}x{% endfor %}{{ context.get('a', 'b') }}", "b"},
		{"item of undefined", "[{{ contact['shoe']['size'] }}{{ nobody[0][1] }}]", "[]"},
		{"length of undefined", "{{ nobody | length }}{{ nobody | join(',') }}", "0"},
		{"compared with empty", "{{ 'e' if nobody == '' else 'n' }}", "n"},
		{"tojson of fields", "{{ agent | tojson }}", `{"name":"helper"}`},
		{"if", "{% if contact.name == 'Ana' %}yes{% else %}no{% endif %}", "yes"},
		{"if undefined", "{% if nobody.shoe %}yes{% else %}no{% endif %}", "no"},
		{"for", "{% for m in memory %}{{ loop.index }}:{{ m.role }} {% endfor %}", "1:user "},
		{"for undefined", "[{% for m in nobody %}x{% endfor %}]", "[]"},
		{"range and break", "{% for i in range(1000) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}", "012"},
		{"range down", "{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}", "321"},
		{"macro", "{% macro hi(x) %}hi {{ x }}{% endmacro %}{{ hi('a') }}{{ hi('b') }}", "hi ahi b"},
		{"set and namespace", "{% set ns = namespace(n=0) %}{% for i in range(3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "3"},
		{"whitespace control", "a  {%- if true -%}  b  {%- endif -%}  c", "abc"},
		{"comment", "a{# not shown #}b", "ab"},
		{"raw", "{% raw %}{{ x }}{% endraw %}", "{{ x }}"},
		{"now", "{{ now }}", "Monday, 23 November 2026, 14:05"},
		{"now parts", "{{ now.year }} {{ now.weekday }} {{ now.strftime('%H:%M %% %A') }}", "2026 Monday 14:05 % Monday"},
		{"text method", "{{ contact.name.upper() }}", "ANA"},
		{"no html escaping", "{{ '<b>&' }}", "<b>&"},
		{"tojson", "{{ contact.name | tojson }}", `"Ana"`},
		{"broken utf-8 of a name", "{{ bad }}", "ab"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tmpl, err := compile(c.source)
			if err != nil {
				t.Fatal(err)
			}
			v := values()
			v["bad"] = "a\xffb"
			got, err := tmpl.render(v)
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestTemplateErrorsNameTheLine(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"open expression", "one\ntwo {{ contact.name\nthree", "line"},
		{"open tag", "one\n{% if x %}\ntwo", "line"},
		{"unknown tag", "one\ntwo\n{% frobnicate %}", "line 3"},
		{"unknown end", "one\n{% endfor %}", "line 2"},
		{"bad for", "one\n{% for in x %}{% endfor %}", "line 2"},
		{"open comment", "one\n{# two", "line"},
		{"unknown filter", "one\n{{ x | frob }}", "frob"},
		{"include", "one\n{% include '/etc/passwd' %}", "line 2: nothing can be included here"},
		{"include without quotes", "{% include nobody %}", "the name of a template in quotes"},
		{"import", "{% import 'x' as y %}", "a prompt is one text"},
		{"from", "{% from 'x' import y %}", "a prompt is one text"},
		{"extends", "{% extends 'x' %}", "a prompt is one text"},
		{"loops without end", "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "go round"},
		{"macro without end", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "call each other"},
		{"loop of loops", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "call each other"},
		{"endless caller", "{% macro f() %}{{ caller() }}{% endmacro %}{% call f() %}{% call f() %}x{% endcall %}{{ f() }}{% endcall %}", ""},
		{"output without end", "{% for a in range(9999) %}{{ '" + strings.Repeat("x", 100) + "' }}{% endfor %}", "longer than"},
		{"long range", "{% for a in range(99999999999) %}{% endfor %}", "range has more"},
		{"budget overwritten", "{% set __budget = 1 %}{% for a in [1] %}{% endfor %}", "__budget"},
		{"wide", "{{ 'x' | center(99999999) }}", "width"},
		{"wide by name", "{{ 'x' | indent(width=99999999) }}", "width"},
		{"too long", strings.Repeat("x", maxTemplate+1), "at most"},
		{"deep", "a\n{{ " + strings.Repeat("(", 101) + "1" + strings.Repeat(")", 101) + " }}", "line 2: more than 100 brackets"},
		{"repeated", "{{ 'x' * 99999999999 }}", "repeated"},
		{"repeated a little each time", "{% set ns = namespace(a='xxxxxxxxxx') %}{% for i in range(100) %}{% set ns.a = ns.a * 10 %}{% endfor %}", "a text is repeated"},
		{"doubled", "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}", "larger than"},
		{"doubled by adding", "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}", "larger than"},
		{"lists doubled", "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}", "larger than"},
		{"doubled by a block", strings.Repeat("{% set a %}{{ a }}{{ a }}x{% endset %}", 60), ""},
		{"words of a block", "{% set a %}{% for i in range(9999) %}" + strings.Repeat("x", 500) + "{% endfor %}{% endset %}", "longer than"},
		{"replaced by more", "{% set ns = namespace(a='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.a = ns.a | replace('a', ns.a) %}{% endfor %}", ""},
		{"replaced by a method", "{% set ns = namespace(a='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.a = ns.a.replace('a', ns.a) %}{{ ns.a }}{% endfor %}", ""},
		{"holds itself", "{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ ns }}", "or itself"},
		{"holds itself, joined", "{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ 'a' ~ ns }}", "or itself"},
		{"holds itself, filtered", "{% set ns = namespace(x=1) %}{% set ns.x = ns %}{{ ns | string | length }}{{ ns | tojson }}", "or itself"},
		{"holds itself, compared", "{% set ns = namespace(x=1) %}{% set ns.x = ns %}{% if ns == ns %}{% endif %}{% if ns < 'a' %}{% endif %}", "or itself"},
		{"no such function", "a\n{{ open('/etc/passwd') }}", "line 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			tmpl, err := compile(c.source)
			if err == nil {
				_, err = tmpl.render(values())
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 260 {
				t.Errorf("not one sentence: %q", err)
			}
			if took := time.Since(began); took > time.Minute { // or what bounds it is missing
				t.Errorf("took %s", took)
			}
		})
	}
}

// One compiled template serves all turns at once, and what one of them changes
// in its values is not seen by another.
func TestTemplateIsShared(t *testing.T) {
	tmpl, err := compile("{% set contact.name = contact.name ~ '!' %}{% macro m(x) %}{{ x }}{% endmacro %}" +
		"{% for i in range(20) %}{{ m(contact.name) }}{% endfor %}{{ now.year | string | upper }}")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				name := string(rune('a' + i))
				v := values()
				v["contact"] = fields{"name": name}
				got, err := tmpl.render(v)
				if want := strings.Repeat(name+"!", 20) + "2026"; err != nil || got != want {
					t.Errorf("got %q, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

// The deepest text that fits must not end the program by its stack.
func TestTemplateDepth(t *testing.T) {
	for _, c := range []struct {
		name, open, middle, end string
		times                   int
	}{
		{"parentheses", "(", "1", ")", maxTemplate/2 - 10},
		{"lists", "[", "1", "]", maxTemplate/2 - 10},
		{"dictionaries", "{'a':", "1", "}", maxTemplate/6 - 10},
		{"not", "not ", "1", "", maxTemplate/4 - 10},
		{"minus", "-", "1", "", maxTemplate - 10},
		{"parts", "", "a", ".a", maxTemplate/2 - 10},
		{"items", "", "a", "[0]", maxTemplate/3 - 10},
		{"filters", "", "a", "|d", maxTemplate/2 - 10},
		{"additions", "", "1", "+1", maxTemplate/2 - 10},
		{"tags", "}}{% if 1 %}", "{{ 1", "}}{% endif %}{{ ", 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			began := time.Now()
			tmpl, err := compile("{{ " + strings.Repeat(c.open, c.times) + c.middle + strings.Repeat(c.end, c.times) + " }}")
			if err == nil {
				_, err = tmpl.render(values())
			}
			if took := time.Since(began); took > time.Minute { // as only what grows with the square takes
				t.Errorf("took %s, and ended with %v", took, err)
			}
		})
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"Hi {{ contact.name }}", "{% for i in range(3) %}{{ i }}{% endfor %}", "{% if a %}b{% endif %}",
		"{% macro f(x) %}{{ x }}{% endmacro %}{{ f(1) }}", "{{ now.strftime('%H') }}", "{# c #}", "{{ x | default('y') | upper }}",
		"{% set a = 1 %}{{ a }}", "{% set d = {'a': 1} %}{% do d.update({'b': d}) %}{{ d }}", "{% set l = [1] %}{% do l.append(l) %}{{ l ~ l * 3 }}",
		"{% set ns = namespace(x='ab') %}{% for i in range(9) %}{% set ns.x = ns.x ~ ns.x * 4 %}{% endfor %}{{ ns | string | join(ns.x) | replace('a', ns.x) }}", "{% include 'x' %}", "{{ [1,2][0] }}", "{{ {'a': 1}.a }}", "{{ 'a' if b else 'c' }}", "{{ self }}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 2000 {
			return // a person's prompt; its length is bounded elsewhere
		}
		tmpl, err := compile(source)
		if err != nil {
			return
		}
		out, err := tmpl.render(values())
		if err == nil && len(out) > maxRendered {
			t.Errorf("%d bytes", len(out))
		}
	})
}
