package config

import (
	"fmt"
	"slices"
	"strings"
)

// Severity is how much a problem matters.
type Severity int

// The severities. Only an Error keeps a document out of service; a Note is an
// environment variable that is not set, which is often meant.
const (
	Error Severity = iota
	Warning
	Note
)

// String is the word that stands before the text of a problem.
func (s Severity) String() string {
	return [...]string{"error", "warning", "note"}[s]
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	File     string   `json:"file"`
	Line     int      `json:"line"` // from 1; 1 also where the file as a whole is meant
	Col      int      `json:"col"`  // from 1, in characters
	Severity Severity `json:"-"`
	Text     string   `json:"text"` // never holds what came out of an environment variable
	// Variable is the environment variable that is not set, in a Note.
	Variable string `json:"variable,omitempty"`
}

// String gives "FILE:LINE:COL: text"; what is not an error says so before the text.
func (p Problem) String() string {
	if p.Severity == Error {
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Col, p.Severity, p.Text)
}

// Problems are kept in the order of the files, and by line within a file.
type Problems []Problem

// HasErrors tells whether one of them is an error.
func (ps Problems) HasErrors() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == Error })
}

// For gives the problems of one file.
func (ps Problems) For(file string) Problems {
	return ps.filter(func(p Problem) bool { return p.File == file })
}

// Errors gives the errors alone.
func (ps Problems) Errors() Problems {
	return ps.filter(func(p Problem) bool { return p.Severity == Error })
}

// Warnings gives the warnings alone.
func (ps Problems) Warnings() Problems {
	return ps.filter(func(p Problem) bool { return p.Severity == Warning })
}

// Unset gives the notes about environment variables that are not set: each
// names its Variable, File and Line.
func (ps Problems) Unset() Problems {
	return ps.filter(func(p Problem) bool { return p.Variable != "" })
}

// Strings gives each problem as a line.
func (ps Problems) Strings() []string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return lines
}

// String gives a line for each problem.
func (ps Problems) String() string { return strings.Join(ps.Strings(), "\n") }

func (ps Problems) filter(keep func(Problem) bool) Problems {
	var out Problems
	for _, p := range ps {
		if keep(p) {
			out = append(out, p)
		}
	}
	return out
}

// sortByPlace orders the problems of one file as somebody reads it.
func (ps Problems) sortByPlace() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
}
