package guardrail

import "strings"

// edit says that output bytes [outStart,outEnd) stand for input bytes
// [inStart,inEnd). What lies between edits was copied. A list of edits is in
// the order of the text.
type edit struct {
	inStart, inEnd   int
	outStart, outEnd int
}

// unmap turns a range of the output into the range of the input that it came
// from. A range that touches a rewritten place covers all of that place.
func unmap(edits []edit, start, end int) (int, int) {
	from := start
	for _, e := range edits {
		if start < e.outEnd {
			if start >= e.outStart {
				from = e.inStart
			}
			break
		}
		from = start + e.inEnd - e.outEnd
	}
	to := end
	for _, e := range edits {
		if end < e.outEnd || end == e.outEnd && e.outStart == e.outEnd {
			if end > e.outStart {
				to = e.inEnd
			}
			break
		}
		to = end + e.inEnd - e.outEnd
	}
	return from, max(from, to)
}

// diff finds one edit that explains how in became out, for a check that
// rewrote without saying where.
func diff(in, out string) []edit {
	if in == out {
		return nil
	}
	n := min(len(in), len(out))
	head := 0
	for head < n && in[head] == out[head] {
		head++
	}
	tail := 0
	for tail < n-head && in[len(in)-1-tail] == out[len(out)-1-tail] {
		tail++
	}
	return []edit{{inStart: head, inEnd: len(in) - tail, outStart: head, outEnd: len(out) - tail}}
}

// replacement is a marker to put in the place of text[start:end].
type replacement struct {
	start, end int
	marker     string
}

// replace puts the markers in; the replacements are sorted and do not overlap.
func replace(text string, rs []replacement) (string, []edit) {
	var b strings.Builder
	b.Grow(len(text) + 16*len(rs))
	edits := make([]edit, 0, len(rs))
	at := 0
	for _, r := range rs {
		b.WriteString(text[at:r.start])
		from := b.Len()
		b.WriteString(r.marker)
		edits = append(edits, edit{inStart: r.start, inEnd: r.end, outStart: from, outEnd: b.Len()})
		at = r.end
	}
	b.WriteString(text[at:])
	return b.String(), edits
}
