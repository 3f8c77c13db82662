package agent

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"

	"astromesh/config"
)

// buildPrompts compiles the named templates and the system prompt. What is wrong
// with one of them is said of it alone.
func (a *Agent) buildPrompts() (problems []error) {
	set := newTemplateSet(a.cfg.Spec.Prompts.Templates)
	for _, name := range set.names {
		if _, err := set.get(name); err != nil {
			problems = append(problems, fmt.Errorf("spec.prompts.templates.%s: %w", name, err))
			continue
		}
		if err := a.tryOut(set.done[name]); err != nil {
			problems = append(problems, fmt.Errorf("spec.prompts.templates.%s: %w", name, err))
		}
	}
	a.templates = set.done
	if err := a.compilePrompt(a.cfg.Spec.Prompts.System, set.get); err != nil {
		problems = append(problems, fmt.Errorf("spec.prompts.system: %w", err))
	}
	return problems
}

// CheckPrompts compiles an agent's texts and the form of its answer, and tries them
// out. The problems begin with the key that they are about.
func CheckPrompts(cfg *config.Agent) (problems []error) {
	a := &Agent{cfg: cfg}
	problems = a.buildPrompts()
	if err := a.buildOutput(); err != nil {
		problems = append(problems, fmt.Errorf("spec.output_schema: %w", err))
	}
	return problems
}

// finder gives a template by the name that another includes it by.
type finder func(name string) (*Template, error)

// templateSet compiles templates that include each other, each once.
type templateSet struct {
	sources map[string]string
	names   []string // in the order in which they are compiled and reported
	done    map[string]*Template
	failed  map[string]error
	open    []string // being compiled, each included by the one before
}

func newTemplateSet(sources map[string]string) *templateSet {
	return &templateSet{
		sources: sources, names: slices.Sorted(maps.Keys(sources)), done: map[string]*Template{}, failed: map[string]error{},
	}
}

// get compiles a template, with those that it includes. Templates that include
// each other in a circle would never end: they are an error.
func (s *templateSet) get(name string) (*Template, error) {
	source, known := s.sources[name]
	switch {
	case s.done[name] != nil:
		return s.done[name], nil
	case s.failed[name] != nil:
		return nil, s.failed[name]
	case slices.Contains(s.open, name):
		return nil, fmt.Errorf("templates include each other in a circle: %s", strings.Join(append(slices.Clone(s.open), name), " → "))
	case !known && len(s.names) == 0:
		return nil, fmt.Errorf("there is no template %q: prompts.templates names none", clip(name, 60))
	case !known:
		return nil, fmt.Errorf("there is no template %q; there are %s", clip(name, 60), clip(strings.Join(s.names, ", "), 120))
	}
	s.open = append(s.open, name)
	t, err := compileWith(source, s.get)
	s.open = s.open[:len(s.open)-1]
	if err != nil {
		s.failed[name] = err
		return nil, err
	}
	s.done[name] = t
	return t, nil
}

// including is a finder that makes the names of what is included the template's own.
func (t *Template) including(find finder) finder {
	return func(name string) (*Template, error) {
		if find == nil {
			return nil, errors.New("nothing can be included here")
		}
		other, err := find(name)
		if err != nil {
			return nil, err
		}
		t.names = append(t.names, other.names...)
		return other, nil
	}
}

// include reads {% include "name" %}. The name stands in quotes: so what is
// included is known when the text is saved, and no value can choose it.
func include(find finder) parser.ControlStructureParser {
	return func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		at := p.Current()
		fail := func(words string) (nodes.ControlStructure, error) {
			line := 0
			if at != nil {
				line = at.Line
			}
			return nil, &parser.SyntaxError{Message: words, Line: line}
		}
		name := args.Match(tokens.String)
		if name == nil {
			return fail(`{% include %} takes the name of a template in quotes`)
		}
		missing := false
		for _, words := range [][2]string{{"ignore", "missing"}, {"with", "context"}, {"without", "context"}} {
			if args.MatchName(words[0]) != nil && args.MatchName(words[1]) != nil && words[0] == "ignore" {
				missing = true
			}
		}
		if !args.End() {
			return fail(`{% include %} takes the name of a template in quotes, and nothing more`)
		}
		other, err := find(name.Val)
		if err != nil && !missing {
			return fail(err.Error())
		}
		return &included{at: name, other: other}, nil
	}
}

// included is a template within another.
type included struct {
	at    *tokens.Token
	other *Template // nil where a missing one is to be ignored
}

func (i *included) Position() *tokens.Token { return i.at }

func (i *included) String() string { return "include" }

// Execute fills the template in, with the values of the one around it and out of
// the same budget.
func (i *included) Execute(r *exec.Renderer, tag *nodes.ControlStructureBlock) error {
	if i.other == nil {
		return nil
	}
	if err := (&step{at: i.at, deepens: true, words: len(i.other.plain)}).Execute(r, tag); err != nil {
		return err
	}
	if i.other.compiled == nil {
		_, err := io.WriteString(r.Output, i.other.plain)
		return err
	}
	return exec.NewRenderer(r.Environment, r.Output, r.Config.Inherit(), r.Loader, i.other.compiled).Execute()
}
