package config

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// The bounds of a pattern. Matching takes time in proportion to the length of
// the text and to the size of the compiled expression: ten thousand steps for
// each letter would be a second for a long message.
const (
	longestPattern = 2000 // bytes
	largestPattern = 2000 // letters, with all repetitions written out
)

// CompilePattern compiles a regular expression of an owner: Go's syntax (RE2),
// letters of either case. What it cannot use it refuses in a sentence:
// look-around and back references, which RE2 does not have, and what grows too
// large, such as (a{1,500}){1,500}.
func CompilePattern(text string) (*regexp.Regexp, error) {
	if len(text) > longestPattern {
		return nil, fmt.Errorf("this regular expression is longer than %d bytes", longestPattern)
	}
	tree, err := syntax.Parse(text, syntax.Perl|syntax.FoldCase)
	if err != nil {
		return nil, patternFault(err)
	}
	if patternSize(tree) > largestPattern {
		return nil, patternFault(&syntax.Error{Code: syntax.ErrLarge})
	}
	re, err := regexp.Compile("(?i)" + text)
	if err != nil {
		return nil, patternFault(err)
	}
	return re, nil
}

func patternFault(err error) error {
	var e *syntax.Error
	if !errors.As(err, &e) {
		return errors.New("this regular expression does not compile")
	}
	switch e.Code {
	case syntax.ErrLarge, syntax.ErrInvalidRepeatSize, syntax.ErrNestingDepth:
		return errors.New("this regular expression is too large: its repetitions multiply; use smaller numbers in {…}")
	}
	if strings.HasPrefix(e.Expr, "(?") && strings.ContainsAny(e.Expr[:min(len(e.Expr), 4)], "=!") {
		return fmt.Errorf("this regular expression looks around with %s, which is not supported", quote(e.Expr))
	}
	return fmt.Errorf("this regular expression does not compile: %s: %s", e.Code, quote(e.Expr))
}

// patternSize is how large an expression is with all repetitions written out,
// largestPattern+1 where it is more than that.
func patternSize(tree *syntax.Regexp) int {
	n := 1
	switch tree.Op {
	case syntax.OpLiteral:
		n = len(tree.Rune)
	case syntax.OpCharClass:
		n += len(tree.Rune) / 64
	}
	for _, sub := range tree.Sub {
		if n += patternSize(sub); n > largestPattern {
			return largestPattern + 1
		}
	}
	if tree.Op == syntax.OpRepeat {
		n = min(n*max(tree.Max, tree.Min, 1), largestPattern+1)
	}
	return n
}

// matchesEverything tells whether an expression takes the whole of any text.
func matchesEverything(re *regexp.Regexp) bool {
	for _, text := range []string{"a", "7", "¿Qué tal?", "x y\nz"} {
		if m := re.FindStringIndex(text); len(m) == 0 || m[0] > 0 || m[1] < 1 {
			return false
		}
	}
	return true
}
