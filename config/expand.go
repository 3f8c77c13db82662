package config

import (
	"fmt"
	"strings"
)

// maxExpanded bounds what all the variables of one file may add up to: a file
// that names a large variable a million times must not eat the memory.
const maxExpanded = 4 << 20

// expand puts the environment into a scalar: ${NAME}, ${NAME:-default}, and
// $${ for a literal ${. It works on the value and not on the file's text, so a
// value with quotes or line breaks in it cannot change the YAML.
func (d *decoder) expand(at place, text string) string {
	if d.asWritten || !strings.Contains(text, "${") {
		return text
	}
	var out strings.Builder
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "${")
		if !found {
			out.WriteString(rest)
			break
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok {
			out.WriteString(escaped + "${")
			rest = after
			continue
		}
		out.WriteString(before)
		inner, tail, closed := strings.Cut(after, "}")
		name, fallback, hasDefault := strings.Cut(inner, ":-")
		if !closed || !isVariable(name) {
			d.addAt(d.find(at, "${"), Warning, "\"${\" without a variable's name and \"}\" is kept as it is; write ${NAME} or ${NAME:-default}, or $${ for the signs themselves")
			out.WriteString("${")
			rest = after
			continue
		}
		out.WriteString(d.variable(at, name, fallback, hasDefault))
		rest = tail
	}
	return out.String()
}

// variable gives one variable's value, and notes one that is not set.
func (d *decoder) variable(at place, name, fallback string, hasDefault bool) string {
	value, set := d.env(name)
	if value = strings.TrimSpace(value); !set || value == "" {
		if !hasDefault {
			d.noteUnset(at, name)
		}
		value = fallback
	}
	if d.expanded += len(value); d.expanded > maxExpanded {
		d.tooMuch(at, "the environment variables in this file come to more than 4 MB together")
		return ""
	}
	return strings.ToValidUTF8(value, "\uFFFD")
}

func (d *decoder) noteUnset(at place, name string) {
	where := d.find(at, "${"+name)
	for _, p := range d.problems {
		if p.Variable == name && p.Line == where.line {
			return
		}
	}
	text := fmt.Sprintf("the environment variable %s is not set, so this is empty", name)
	if _, ok := d.env(name + "_FILE"); ok {
		text = fmt.Sprintf("the file that %s_FILE names is empty or cannot be read, so this is empty", name)
	}
	d.add(Problem{Line: where.line, Col: where.col, Severity: Note, Text: text, Variable: name})
}

// find looks for a piece of the file's text at or after a place, so that a
// problem inside a long prompt names its own line and not the prompt's first.
func (d *decoder) find(at place, piece string) place {
	const farthest = 500 // lines; beyond, the place of the whole value must do
	for i := at.line - 1; i >= 0 && i < len(d.lines) && i < at.line+farthest; i++ {
		line, from := []rune(d.lines[i]), 0
		if i == at.line-1 {
			from = min(max(at.col-1, 0), len(line))
		}
		tail := string(line[from:])
		if before, _, ok := strings.Cut(tail, piece); ok {
			return place{i + 1, from + len([]rune(before)) + 1}
		}
	}
	return at
}

// isVariable tells whether a name can be an environment variable's.
func isVariable(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
