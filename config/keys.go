package config

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fields are the keys that a struct knows, taken from its yaml tags so that a
// new field needs no second list.
type fields struct {
	index  map[string]int
	names  []string
	inline int // the field that takes all other keys, or -1
}

func fieldsOf(t reflect.Type) fields {
	f := fields{index: map[string]int{}, inline: -1}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		switch {
		case strings.Contains(options, "inline"):
			f.inline = i
		case name != "" && name != "-":
			f.index[name] = i
			f.names = append(f.names, name)
		}
	}
	return f
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// parent is the path that a path lies in: of "a.b[2]" it is "a.b".
func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

func shown(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func within(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

// quote shows a word of the file, cut short.
func quote(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}

// didYouMean names the nearest of the known words, if one is near.
func didYouMean(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return "; did you mean " + quote(near) + "?"
	}
	return ""
}

func nearest(word string, known []string) string {
	const longest = 40 // longer words are not slips of the finger
	if len(word) > longest {
		return ""
	}
	best, distance := "", 3
	for _, k := range known {
		if n := edits(strings.ToLower(word), k); n < distance && n*3 <= max(len(k), 3) {
			best, distance = k, n
		}
	}
	return best
}

// edits counts the letters to insert, remove, change or swap with their
// neighbour.
func edits(a, b string) int {
	var before []int // the row before the one above
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(next[j]+1, row[j+1]+1, row[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// oneOf lists words for a sentence: "a, b or c".
func oneOf(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func contains(words []string, w string) bool { return slices.Contains(words, w) }
