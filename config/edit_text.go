package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// span is where an entry stands: a key with its value, or an element of a list.
type span struct {
	first, end int  // lines from 0, end not included
	indent     int  // of the key or the dash, in bytes
	scalar     bool // the value is a single word or text
	afterDash  bool // the key stands behind the dash of its element
}

// nodeAt is the value at a path; nil where there is none or an alias is.
func (e *Edit) nodeAt(path []any) ast.Node {
	n := bare(e.root)
	for _, step := range path {
		_, n = entryOf(n, step)
		if n = bare(n); n == nil {
			return nil
		}
	}
	return n
}

// bare takes an anchor and a tag off a value.
func bare(n ast.Node) ast.Node {
	for !isNil(n) {
		switch x := n.(type) {
		case *ast.AnchorNode:
			n = x.Value
		case *ast.TagNode:
			n = x.Value
		default:
			return n
		}
	}
	return nil
}

// entryOf finds a key or an element in a node that is written in lines, not
// within brackets: where it begins, and its value.
func entryOf(n ast.Node, step any) (at place, value ast.Node) {
	switch x := n.(type) {
	case *ast.MappingNode:
		for _, v := range x.Values {
			if keyOf(v) == step && !x.IsFlowStyle {
				return tokenPlace(v.Key.GetToken()), v.Value
			}
		}
	case *ast.MappingValueNode:
		if keyOf(x) == step && !x.IsFlowStyle {
			return tokenPlace(x.Key.GetToken()), x.Value
		}
	case *ast.SequenceNode:
		if i, ok := step.(int); ok && i < len(x.Entries) && !x.IsFlowStyle {
			return tokenPlace(x.Entries[i].Start), x.Values[i]
		}
	}
	return place{}, nil
}

// spanOf finds the lines of the entry at a path.
func (e *Edit) spanOf(path []any) (s span, ok bool) {
	parent := e.nodeAt(path[:len(path)-1])
	at, value := entryOf(parent, path[len(path)-1])
	if !at.known() || at.line > len(e.lines) {
		return s, false
	}
	line := e.lines[at.line-1]
	s = span{first: at.line - 1, indent: at.col - 1}
	if s.indent > len(line) || strings.Trim(line[:s.indent], " -") != "" {
		return s, false // something else stands before it on the line
	}
	s.afterDash = strings.Contains(line[:s.indent], "-")
	_, isList := path[len(path)-1].(int)
	if _, anchored := value.(*ast.AnchorNode); anchored {
		return s, false
	}
	sequence := false
	switch bare(value).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	case *ast.SequenceNode:
		sequence = !isList
	default:
		s.scalar = true
	}
	s.end = e.endOf(s, sequence)
	return s, true
}

// endOf is the line behind an entry: the first with as little or less before it.
// The dashes of a list may stand right below its key.
func (e *Edit) endOf(s span, sequence bool) int {
	end := s.first + 1
	for i := s.first + 1; i < len(e.lines); i++ {
		text := strings.TrimLeft(e.lines[i], " ")
		indent := len(e.lines[i]) - len(text)
		switch {
		case strings.TrimSpace(text) == "":
			continue // whose it is, is not known yet
		case indent > s.indent, sequence && indent == s.indent && strings.HasPrefix(text, "-") && !strings.HasPrefix(text, "---"):
			end = i + 1
		case strings.HasPrefix(text, "#"):
			continue
		default:
			return end
		}
	}
	return end
}

// renderEntry writes a key or a dash with a value, indented.
func renderEntry(step, value any, indent int) []string {
	margin := strings.Repeat(" ", indent)
	if _, isElement := step.(int); isElement {
		lines := renderBlock(value, indent+2)
		if lines == nil {
			return renderScalar(margin+"-", value, indent)
		}
		lines[0] = margin + "- " + strings.TrimLeft(lines[0], " ")
		return lines
	}
	head := margin + word(fmt.Sprint(step)) + ":"
	if lines := renderBlock(value, indent+2); lines != nil {
		return append([]string{head}, lines...)
	}
	return renderScalar(head, value, indent)
}

// renderBlock writes a mapping or a list in lines of their own; nil for all else.
func renderBlock(value any, indent int) (lines []string) {
	switch x := value.(type) {
	case yaml.MapSlice:
		for _, it := range x {
			lines = append(lines, renderEntry(it.Key, it.Value, indent)...)
		}
	case []any:
		for i, v := range x {
			lines = append(lines, renderEntry(i, v, indent)...)
		}
	}
	return lines
}

func renderScalar(head string, value any, indent int) []string {
	switch x := value.(type) {
	case nil:
		return []string{head}
	case []any:
		return []string{head + " []"}
	case yaml.MapSlice:
		return []string{head + " {}"}
	case alias:
		return []string{head + " *" + string(x)}
	case string:
		if lines := renderLiteral(head, x, indent+2); lines != nil {
			return lines
		}
		return []string{head + " " + word(x)}
	default:
		return []string{head + " " + fmt.Sprint(x)}
	}
}

// renderLiteral writes a text of several lines as such; nil where that would
// change it, or it is one line. Spaces at the end of the last line get lost.
func renderLiteral(head, text string, indent int) []string {
	body := strings.TrimSuffix(text, "\n")
	odd := func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 || r == 0xfeff
	}
	if !strings.Contains(body, "\n") || strings.HasSuffix(body, "\n") || strings.ContainsFunc(text, odd) ||
		strings.ContainsAny(body[:1], " \n\t") || strings.Contains(body+"\n", " \n") {
		return nil
	}
	mark := " |"
	if body == text {
		mark = " |-"
	}
	lines := []string{head + mark}
	for line := range strings.SplitSeq(body, "\n") {
		if line != "" {
			line = strings.Repeat(" ", indent) + line
		}
		lines = append(lines, line)
	}
	return lines
}

// plain words need no quotes. Everything that could be read as something else has them.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_/.-]*( [A-Za-z0-9_/.-]+)*$`)

func word(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
	default:
		if plain.MatchString(s) {
			return s
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b) // a JSON text is a YAML text
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""` // a string can always be written
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// trailingComment is the comment behind a value on its line, with the spaces
// before it.
func trailingComment(entry string) string {
	_, value, _ := strings.Cut(entry, ":")
	value = strings.TrimLeft(value, " ")
	from := 0
	if value != "" && strings.ContainsAny(value[:1], `"'`) {
		for from = 1; from < len(value) && value[from] != value[0]; from++ {
			if value[from] == '\\' && value[0] == '"' {
				from++
			}
		}
	}
	if from >= len(value) {
		return ""
	}
	at := strings.Index(value[from:], " #")
	if at < 0 {
		return ""
	}
	rest := value[from:]
	for at > 0 && rest[at-1] == ' ' {
		at--
	}
	return rest[at:]
}
