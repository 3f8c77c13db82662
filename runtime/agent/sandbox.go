package agent

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/nikolalohinski/gonja/v2/builtins"
	controls "github.com/nikolalohinski/gonja/v2/builtins/control_structures"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

const (
	budgetName = "__budget"
	maxSteps   = 20_000 // turns of all loops of one rendering together
	maxCalls   = 400    // calls of macros and recursive loops: each deepens the stack
	maxItems   = 10_000 // of one range
	maxWidth   = 1_000  // of what a filter fills up or cuts to
)

// sandbox is what a template may use: the parts of Jinja2 that work on values.
// Left out: what reads files, what differs each time (a prompt must keep its
// bytes), and what makes megabytes of a short text.
func sandbox(lastLine int, find finder) *exec.Environment {
	return &exec.Environment{
		Context:           exec.NewContext(functions()),
		Filters:           filters(),
		Tests:             conditions(),
		ControlStructures: exec.NewControlStructureSet(statements(lastLine, find)),
		Methods: exec.Methods{
			Bool: builtins.Methods.Bool, Int: builtins.Methods.Int, Float: builtins.Methods.Float,
			Dict: builtins.Methods.Dict, List: builtins.Methods.List, Str: textMethods(), // of a value's texts, Str makes new ones
		},
	}
}

func functions() map[string]any {
	return map[string]any{
		"range": rangeOf, "dict": builtin("dict"), "namespace": builtin("namespace"), "joiner": builtin("joiner"),
	}
}

// sandboxNames are the names that are never missing.
func sandboxNames() map[string]bool {
	known := map[string]bool{budgetName: true}
	for name := range functions() {
		known[name] = true
	}
	return known
}

func builtin(name string) any {
	f, _ := builtins.GlobalFunctions.Get(name)
	return f
}

// rangeOf replaces the engine's range, which hands its numbers over from a
// goroutine that stays behind for ever when a loop ends early.
func rangeOf(args *exec.VarArgs) ([]int, error) {
	n := [3]int{0, 0, 1}
	for i, a := range args.Args {
		if i > 2 || !a.IsInteger() {
			return nil, errors.New("range takes one to three whole numbers")
		}
		n[i] = a.Integer()
	}
	start, stop, step := n[0], n[1], n[2]
	switch {
	case len(args.Args) == 0 || step == 0:
		return nil, errors.New("range takes one to three whole numbers, the third not 0")
	case len(args.Args) == 1:
		start, stop = 0, start
	}
	out := []int{}
	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(out) == maxItems {
			return nil, fmt.Errorf("range has more than %d numbers", maxItems)
		}
		out = append(out, i)
	}
	return out, nil
}

func filters() *exec.FilterSet {
	set := map[string]exec.FilterFunction{"default": orDefault, "d": orDefault}
	for _, name := range []string{"abs", "capitalize", "dictsort", "e", "escape", "first", "float",
		"groupby", "int", "items", "join", "last", "length", "count", "list", "lower", "map", "max", "min", "reject",
		"rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "sort", "string", "striptags",
		"sum", "title", "tojson", "trim", "unique", "upper", "urlencode", "wordcount"} {
		set[name], _ = builtins.Filters.Get(name)
	}
	for _, name := range []string{"batch", "center", "indent", "slice", "truncate", "wordwrap"} {
		f, _ := builtins.Filters.Get(name)
		set[name] = narrow(f)
	}
	for name, f := range set {
		set[name] = sizedFilter(name, f)
	}
	return exec.NewFilterSet(set)
}

// narrow keeps a filter from filling up to a width that nobody reads.
func narrow(f exec.FilterFunction) exec.FilterFunction {
	tooWide := func(v *exec.Value) bool { return v.IsNumber() && (v.Integer() > maxWidth || v.Integer() < 0) }
	return func(e *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
		for _, a := range params.Args {
			if tooWide(a) {
				return exec.AsValue(fmt.Errorf("a width must be from 0 to %d", maxWidth))
			}
		}
		for _, a := range params.KwArgs {
			if tooWide(a) {
				return exec.AsValue(fmt.Errorf("a width must be from 0 to %d", maxWidth))
			}
		}
		return f(e, in, params)
	}
}

func textMethods() *exec.MethodSet[string] {
	set := map[string]exec.Method[string]{}
	for _, name := range []string{"capitalize", "count", "endswith", "find", "isalnum", "isalpha", "isdigit", "islower",
		"isspace", "isupper", "join", "lower", "lstrip", "removeprefix", "removesuffix", "replace", "rstrip", "split",
		"splitlines", "startswith", "strip", "title", "upper"} {
		if m, ok := builtins.Methods.Str.Get(name); ok {
			set[name] = sizedMethod(name, m)
		}
	}
	return exec.NewMethodSet(set)
}

// statements are the tags of the language, less those that read files. What is
// included is a template of the same agent.
func statements(lastLine int, find finder) map[string]parser.ControlStructureParser {
	set := map[string]parser.ControlStructureParser{}
	for _, name := range []string{"break", "call", "continue", "do", "filter", "for", "if", "macro", "raw", "set", "with"} {
		original, _ := builtins.ControlStructures.Get(name)
		set[name] = counted(original, lastLine)
	}
	set["include"] = include(find)
	for _, name := range []string{"import", "from", "extends", "block"} {
		set[name] = func(p, _ *parser.Parser) (nodes.ControlStructure, error) {
			return nil, p.Error(fmt.Sprintf("{%% %s %%} cannot be used: a prompt is one text", name), p.Current())
		}
	}
	return set
}

// counted puts a step of the budget at the front of everything that can go
// round: the engine itself knows no limit, and an endless macro would end the
// whole program by its stack. It also gives errors the line they lack.
func counted(original parser.ControlStructureParser, lastLine int) parser.ControlStructureParser {
	return func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		line := p.Current()
		parsed, err := original(p, args)
		if err != nil {
			var syntax *parser.SyntaxError
			if errors.As(err, &syntax) && syntax.Line > 0 {
				return nil, err
			}
			words := err.Error()
			if syntax != nil {
				words = syntax.Message
			}
			at := lastLine // the end of the text has no line of its own
			if line != nil && line.Line > 0 {
				at = line.Line
			}
			return nil, &parser.SyntaxError{Message: words, Line: at}
		}
		switch c := parsed.(type) {
		case *controls.ForControlStructure:
			count(c.BodyWrapper, c.Recursive)
		case *controls.MacroControlStructure:
			count(c.Wrapper, true)
		case *controls.CallControlStructure:
			count(c.Body, true)
		}
		return parsed, nil
	}
}

func count(body *nodes.Wrapper, deepens bool) {
	w := &nodeWalk{seen: map[uintptr]bool{}}
	w.walk(reflect.ValueOf(body))
	step := &nodes.ControlStructureBlock{Location: body.Location, Name: "step", ControlStructure: &step{body.Location, deepens, w.words}}
	body.Nodes = append([]nodes.Node{step}, body.Nodes...)
}

// step spends some of a rendering's budget.
type step struct {
	at      *tokens.Token
	deepens bool
	words   int // bytes of plain text that one turn of it writes, at most
}

func (s *step) Position() *tokens.Token { return s.at }

func (s *step) String() string { return "step" }

// Execute fails once the budget is spent, or gone: a template may set any name.
func (s *step) Execute(r *exec.Renderer, _ *nodes.ControlStructureBlock) error {
	v, _ := r.Environment.Context.Get(budgetName)
	b, ok := v.(*budget)
	if !ok {
		return fmt.Errorf("%s cannot be set", budgetName)
	}
	b.written += s.words
	return b.spend(s.deepens)
}

// budget bounds the work of one rendering.
type budget struct {
	steps, calls int
	written      int // bytes, into the text and into variables
	ends         time.Time
	spent        error // why no more is allowed
}

func (b *budget) spend(deepens bool) error {
	b.steps++
	if deepens {
		b.calls++
	}
	switch {
	case b.steps > maxSteps:
		b.spent = fmt.Errorf("its loops go round more than %d times", maxSteps)
	case b.calls > maxCalls:
		b.spent = fmt.Errorf("its macros call each other more than %d times", maxCalls)
	case b.written > maxWritten:
		b.spent = fmt.Errorf("the filled-in text is longer than %d bytes", maxRendered)
	case time.Now().After(b.ends):
		b.spent = fmt.Errorf("filling it in takes longer than %s", renderLimit)
	}
	return b.spent
}
