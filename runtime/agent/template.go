package agent

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
	"github.com/nikolalohinski/gonja/v2/parser"
	"github.com/nikolalohinski/gonja/v2/tokens"
)

const (
	// maxTemplate and maxRendered bound a prompt, in bytes: 64 KB is about
	// 16,000 tokens, more than a model on a machine without GPU reads in a minute.
	maxTemplate = 64 << 10
	maxRendered = 64 << 10
	maxNesting  = 100
	// renderLimit is how long one rendering may take; a usual one takes 50 µs. What
	// bounds the work is counted, so that it is the same on every machine; the clock
	// stands behind it, and far behind: beside a model that uses all processors a
	// template that is in order has been seen to wait for more than a second.
	renderLimit = 10 * time.Second
)

// Template is a prompt in Jinja2 syntax, compiled once and rendered by many
// turns at once. It is sealed in: no files, no Go methods, bounded work.
type Template struct {
	compiled *exec.Template
	plain    string   // the whole text, if it holds no Jinja2 at all
	names    []string // words that may be variables
}

// compile reads a template that includes no other. The error names the line.
func compile(source string) (t *Template, err error) { return compileWith(source, nil) }

// compileWith reads a template; find gives those that it includes, nil = none.
func compileWith(source string, find finder) (t *Template, err error) {
	if len(source) > maxTemplate {
		return nil, fmt.Errorf("the text is %d bytes long, at most %d are allowed", len(source), maxTemplate)
	}
	if !strings.Contains(source, "{{") && !strings.Contains(source, "{%") && !strings.Contains(source, "{#") {
		return &Template{plain: strings.TrimSuffix(source, "\n")}, nil
	}
	defer func() {
		if p := recover(); p != nil {
			t, err = nil, errors.New("the template cannot be read")
		}
	}()
	cfg := config.New()
	if err := lexical(source, cfg); err != nil {
		return nil, err
	}
	loader := sealedLoader(source)
	t = &Template{names: names(source, cfg)}
	t.compiled, err = exec.NewTemplate(rootName, cfg, loader, sandbox(1+strings.Count(source, "\n"), t.including(find)))
	if err != nil {
		return nil, inWords(err)
	}
	if err := bounded(t.compiled.Root()); err != nil {
		return nil, err
	}
	return t, nil
}

// namesOneOf says whether a template could read one of these values. One that does
// not is the same for everybody, whatever two samples of it look like.
func (t *Template) namesOneOf(values ...string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return slices.Contains(t.names, v) })
}

// lexical looks for text that cannot be split into tokens: the parser stops
// there without a word, and the rest of the prompt would be missing. It also
// refuses nesting that no person writes, at which the parser takes seconds.
func lexical(source string, cfg *config.Config) error {
	stream := tokens.LexAll(source, cfg)
	for depth := 0; !stream.End(); stream.Next() {
		if tok := stream.Current(); tok.Type == tokens.Name && strings.HasPrefix(tok.Val, "__") {
			return fmt.Errorf("line %d: %s cannot be used: names that begin with __ are the program's own", tok.Line, clip(tok.Val, 40))
		}
		switch stream.Current().Type {
		case tokens.LeftParenthesis, tokens.LeftBracket, tokens.LeftBrace:
			depth++
		case tokens.RightParenthesis, tokens.RightBracket, tokens.RightBrace:
			depth--
		}
		if depth > maxNesting {
			return fmt.Errorf("line %d: more than %d brackets inside each other", stream.Current().Line, maxNesting)
		}
	}
	if stream.IsError() {
		tok := stream.Current()
		line := 1 + strings.Count(source[:min(max(tok.Pos, 0), len(source))], "\n")
		return fmt.Errorf("line %d: %s", line, tok.Val)
	}
	return nil
}

// render fills a template in. The values are used by this call only: a template
// may change what it is given.
func (t *Template) render(values map[string]any) (out string, err error) {
	if t.compiled == nil {
		return t.plain, nil
	}
	defer func() {
		if p := recover(); p != nil {
			out, err = "", errors.New("the template cannot be filled in")
		}
	}()
	data := make(map[string]any, len(t.names)+len(values)+1)
	for _, name := range t.names {
		data[name] = missing{}
	}
	maps.Copy(data, values)
	work := &budget{ends: time.Now().Add(renderLimit)}
	data[budgetName] = work
	maps.Copy(data, work.checks())
	w := &boundedWriter{}
	switch err := t.compiled.Execute(w, exec.NewContext(data)); {
	case work.spent != nil: // it is buried under one layer for each call of a macro
		return "", work.spent
	case err != nil:
		return "", inWords(err)
	}
	return strings.ToValidUTF8(w.String(), ""), nil
}

// boundedWriter refuses to grow past maxRendered.
type boundedWriter struct{ strings.Builder }

func (w *boundedWriter) Write(p []byte) (int, error) {
	if w.Len()+len(p) > maxRendered {
		return 0, fmt.Errorf("the filled-in text is longer than %d bytes", maxRendered)
	}
	return w.Builder.Write(p)
}

// WriteString is what io.WriteString prefers; without it the bound would not hold.
func (w *boundedWriter) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// rootName is how the one text of a template is called. It names no file.
const rootName = "prompt"

// sealedLoader knows the one text and nothing else: include, import and extends
// find nothing, on disk least of all.
type sealedLoader string

func (l sealedLoader) Read(name string) (io.Reader, error) {
	if name != rootName {
		return nil, errors.New("a prompt cannot read other files")
	}
	return strings.NewReader(string(l)), nil
}

func (l sealedLoader) Resolve(name string) (string, error) {
	if name != rootName {
		return "", errors.New("a prompt cannot read other files")
	}
	return name, nil
}

func (l sealedLoader) Inherit(string) (loaders.Loader, error) { return l, nil }

// dump is how the engine prints a filter: as Go's own view of its tokens.
var dump = regexp.MustCompile(`(filter) &\{.*\]\}: `)

var atLine = regexp.MustCompile(`at line (\d+)`)

// inWords makes one line of the engine's error: the place, then the cause. The
// engine repeats the whole template in front of it.
func inWords(err error) error {
	var syntax *parser.SyntaxError
	if errors.As(err, &syntax) {
		if syntax.Line == 0 {
			return errors.New(clip(syntax.Message, 200))
		}
		return fmt.Errorf("line %d: %s", syntax.Line, clip(strings.TrimSuffix(syntax.Message, "."), 200))
	}
	words := err.Error()
	line := 0
	for _, m := range atLine.FindAllStringSubmatch(words, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n // the last one is the innermost
		}
	}
	cause := err
	for next := errors.Unwrap(cause); next != nil; next = errors.Unwrap(cause) {
		cause = next
	}
	words = dump.ReplaceAllString(cause.Error(), "$1: ")
	words = clip(strings.ReplaceAll(words, "\n", " "), 200)
	if line > 0 {
		return fmt.Errorf("line %d: %s", line, words)
	}
	return errors.New(words)
}
