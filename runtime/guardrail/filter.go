package guardrail

import (
	"fmt"
	"slices"
	"strings"
)

// hiddenMarker stands in the place of what a filter takes out.
const hiddenMarker = "[REDACTED]"

// hit is something that a filter found, in bytes of the text.
type hit struct {
	start, end int
	entity     string
}

// filter is a check that looks for what an owner does not want in a text:
// topics, words, patterns.
type filter struct {
	rule   string
	action string // block, redact, warn
	find   func(text string) []hit
}

// newFilter fails on an action that it does not know.
func newFilter(rule, action string, find func(string) []hit) (*filter, error) {
	f := &filter{rule: rule, action: strings.ToLower(action), find: find}
	if f.action == "" {
		f.action = "block"
	}
	if !slices.Contains([]string{"block", "redact", "warn"}, f.action) {
		return nil, fmt.Errorf("action %q of %s is not known: use block, redact or warn", action, rule)
	}
	return f, nil
}

// Rule implements Check.
func (f *filter) Rule() string { return f.rule }

// Check implements Check.
func (f *filter) Check(text string) Verdict {
	v := Verdict{Action: Allow, Text: text, Findings: []Finding{}}
	hits := merge(f.find(text))
	if f.action == "redact" {
		hits = f.all(text, hits)
	}
	for _, h := range hits {
		v.Findings = append(v.Findings, Finding{Rule: f.rule, Entity: h.entity, Start: h.start, End: h.end})
	}
	switch {
	case len(hits) == 0 || f.action == "warn":
	case f.action == "block":
		v.Action, v.Text, v.Rule = Block, "", f.rule
	default:
		v.Action = Rewrite
		v.Text, v.edits = replace(text, hidden(hits))
	}
	return v
}

// all looks again at what is left once the hits are taken out, until nothing is
// found any more: a pattern may see the marker's surroundings anew. Markers
// themselves are never a hit. A pattern that finds something each time ends with
// the whole text hidden.
func (f *filter) all(text string, fresh []hit) []hit {
	var all []hit
	for range 8 {
		out, edits := replace(text, hidden(all))
		if len(all) > 0 {
			fresh = merge(f.find(out))
		}
		found := false
		for _, h := range outsideMarkers(out, fresh) {
			start, end := unmap(edits, h.start, h.end)
			all, found = append(all, hit{start, end, h.entity}), true
		}
		if !found {
			return all
		}
		all = merge(all)
	}
	return []hit{{0, len(text), all[0].entity}}
}

func hidden(hits []hit) []replacement {
	list := make([]replacement, len(hits))
	for i, h := range hits {
		list[i] = replacement{start: h.start, end: h.end, marker: hiddenMarker}
	}
	return list
}

// merge sorts hits and joins those that overlap; the first one's entity stays.
func merge(hits []hit) []hit {
	slices.SortStableFunc(hits, func(a, b hit) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
	var out []hit
	for _, h := range hits {
		if last := len(out) - 1; last >= 0 && h.start < out[last].end {
			out[last].end = max(out[last].end, h.end)
			continue
		}
		if h.end > h.start {
			out = append(out, h)
		}
	}
	return out
}

// outsideMarkers cuts the markers that stand in a text out of hits; a rest of
// blanks is no hit.
func outsideMarkers(text string, hits []hit) []hit {
	marks := markersIn(text)
	if len(marks) == 0 {
		return hits
	}
	var out []hit
	keep := func(start, end int, entity string) {
		if start < end && strings.TrimSpace(text[start:end]) != "" {
			out = append(out, hit{start, end, entity})
		}
	}
	for _, h := range hits {
		at := h.start
		for _, m := range marks {
			if m.end > at && m.start < h.end {
				keep(at, m.start, h.entity)
				at = m.end
			}
		}
		keep(at, h.end, h.entity)
	}
	return out
}

// markersIn gives where markers of any check stand.
func markersIn(text string) []hit {
	var marks []hit
	for at := 0; ; {
		next := strings.Index(text[at:], "[REDACTED")
		if next < 0 {
			return marks
		}
		at += next
		end := strings.IndexByte(text[at:], ']')
		if end > 0 && isMarker(text[at:at+end+1]) {
			marks = append(marks, hit{start: at, end: at + end + 1})
		}
		at++
	}
}

func isMarker(s string) bool {
	if s == hiddenMarker {
		return true
	}
	for k := range kindCount {
		if k.marker() == s {
			return true
		}
	}
	return false
}
