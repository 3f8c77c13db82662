package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

const (
	// maxTokens bounds a file's words and signs. The parser's time grows with
	// their square for some inputs: 50,000 take about a second, a full 1 MB of
	// them would take minutes.
	maxTokens = 50_000
	// maxDepth bounds nesting: the parser recurses, and a stack that overflows
	// ends the program whatever recover says.
	maxDepth = 64
	// maxKey is the longest key in bytes, by the rules of YAML itself. maxKeys
	// bounds it times the tokens: the parser keeps the whole way of keys with
	// each value.
	maxKey  = 1024
	maxKeys = 4 << 20
)

// place is a position in a file, from 1.
type place struct{ line, col int }

func (p place) known() bool { return p.line > 0 }

// parse turns bytes into the one document of a file; nil when there is none or
// a problem forbids going on.
func (d *decoder) parse(data []byte) ast.Node {
	text, ok := d.text(data)
	if !ok {
		return nil
	}
	d.lines = strings.Split(text, "\n")
	tokens, ok := d.tokens(text)
	if !ok {
		return nil
	}
	file, err := parseTokens(tokens)
	if err != nil {
		d.syntax(err)
		return nil
	}
	return d.document(file)
}

// text checks that the bytes are text and evens out its beginning and its line
// breaks.
func (d *decoder) text(data []byte) (string, bool) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if len(data) > MaxFileSize {
		d.addAt(place{1, 1}, Error, errTooLarge.Error())
		return "", false
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		d.addAt(placeOf(data[:i]), Error, "there is a NUL byte here, so this is not a text file in UTF-8; save it as UTF-8")
		return "", false
	}
	if !utf8.Valid(data) {
		d.addAt(placeOf(firstValid(data)), Error, "this byte is not UTF-8; save the file as UTF-8")
		return "", false
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	return strings.ReplaceAll(text, "\r", "\n"), true
}

// firstValid is the part before the first byte that is not UTF-8.
func firstValid(data []byte) []byte {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return data[:i]
		}
		i += size
	}
	return data
}

// placeOf is the place just behind some text.
func placeOf(before []byte) place {
	line := 1 + bytes.Count(before, []byte("\n"))
	last := before[bytes.LastIndexByte(before, '\n')+1:]
	return place{line, 1 + utf8.RuneCount(last)}
}

// tokens splits the text and refuses what the parser could not bear.
func (d *decoder) tokens(text string) (token.Tokens, bool) {
	var (
		tokens token.Tokens
		input  scanner.Scanner
		bounds bounds
	)
	input.Init(text)
	for {
		next, err := input.Scan()
		if errors.Is(err, io.EOF) { // another error comes as a token that the parser refuses
			return tokens, true
		}
		for _, t := range next {
			if problem := bounds.over(t); problem != "" {
				d.addAt(tokenPlace(t), Error, problem)
				return nil, false
			}
		}
		tokens.Add(next...)
	}
}

// bounds counts what a file's tokens cost the parser.
type bounds struct {
	tokens, longest int // of them, and the longest key in bytes
	before          int // bytes of the token before
	line, run       int // entries that open one another on one line
	flow            int // open brackets
}

// over counts one token and says what is too much, if anything is.
func (b *bounds) over(t *token.Token) string {
	if t.Position.Line != b.line {
		b.line, b.run = t.Position.Line, 0
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		b.flow++
	case token.SequenceEndType, token.MappingEndType:
		b.flow--
	case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
		b.run++
	case token.MappingValueType:
		b.longest = max(b.longest, b.before)
	}
	b.before = len(t.Value)
	b.tokens++
	deep := b.flow > maxDepth || b.flow <= 0 && b.run > maxDepth
	switch {
	case b.tokens > maxTokens:
		return "the file has more than 50,000 words and signs; split it up"
	case deep, t.Type == token.SequenceEntryType && t.Position.Column > maxDepth*64:
		return tooDeep
	case b.longest > maxKey, b.longest*b.tokens > maxKeys:
		return "the keys of this file are too long"
	}
	return ""
}

const tooDeep = "the values are nested more than 64 deep"

// parseTokens calls the library's parser. It is the one place where a panic is
// caught: the bytes are a stranger's, the parser is not ours, and a file that
// breaks it is a file with a problem and not the end of the program.
func parseTokens(tokens token.Tokens) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file cannot be understood as YAML (%v)", r)
		}
	}()
	// Duplicated keys are found while decoding, all of them and in our words.
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// syntax reports what the parser says, at its place.
func (d *decoder) syntax(err error) {
	var yamlErr yaml.Error
	if !errors.As(err, &yamlErr) || yamlErr.GetToken() == nil {
		d.addAt(place{1, 1}, Error, err.Error())
		return
	}
	at := tokenPlace(yamlErr.GetToken())
	d.addAt(at, Error, "this is not valid YAML: "+yamlErr.GetMessage()+d.hint(at))
}

// hint adds the mend for the two slips that nearly every such error is.
func (d *decoder) hint(at place) string {
	if at.line > len(d.lines) {
		return ""
	}
	line := d.lines[at.line-1]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch {
	case strings.Contains(indent, "\t"):
		return "; indent with spaces, not with tabs"
	case strings.Contains(line, "${") && strings.ContainsAny(line, "[{"):
		return "; put ${…} in quotes inside { } and [ ]"
	default:
		return ""
	}
}

// document picks the one document of the file and collects its anchors.
func (d *decoder) document(file *ast.File) ast.Node {
	var body ast.Node
	for _, doc := range file.Docs {
		if isNil(doc.Body) || doc.Body.Type() == ast.DirectiveType {
			continue
		}
		if body != nil {
			d.addAt(nodePlace(doc.Body), Error, "a second document begins here; put each into a file of its own")
			break
		}
		body = doc.Body
	}
	if body == nil {
		d.addAt(place{1, 1}, Error, "the file is empty")
		return nil
	}
	ast.Walk(anchors{d}, body)
	return body
}

// anchors collects &name so that *name can be followed from anywhere.
type anchors struct{ d *decoder }

func (a anchors) Visit(n ast.Node) ast.Visitor {
	if anchor, ok := n.(*ast.AnchorNode); ok && anchor.Name != nil && !isNil(anchor.Value) {
		a.d.anchors[anchor.Name.GetToken().Value] = anchor.Value
	}
	return a
}
