package guardrail

import "bytes"

// The shortest and longest run of digits that is looked at as a phone number,
// prefixes for dialling abroad included.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 17
)

// maxFailed is how many readings of one row of groups are tried: a page of
// numbers is a table, and would take seconds.
const maxFailed = 150

// phones finds phone numbers. A cheap scan proposes candidates, the words
// around them and the way they are written say how much proof is needed, and
// libphonenumber's data gives the proof.
type phones struct {
	home   []region // where the customer probably is
	likely []region // where most customers of such a program are
	rest   []region
}

// window is a candidate: groups i to j of a view.
type window struct {
	v       *view
	i, j    int
	start   int // with a leading '+' or '('
	plus    bool
	area    bool // an area code in parentheses
	written bool // in groups, not as one run of digits
	d       string
}

func (w *window) end() int { return w.v.groups[w.j].end }

func (p *phones) find(v *view) []span {
	var found []span
	var r run
	for i := 0; i < len(v.groups); i = r.last + 1 {
		r.read(v, i)
		if r.digits < minPhoneDigits || r.fours >= 5 && r.last-r.first <= r.fours {
			continue
		}
		for k := i; k <= r.last; k++ {
			w, ok := p.from(v, &r, k)
			if !ok {
				continue
			}
			found = append(found, span{kindPhone, w.start, v.extensionEnd(w.end())})
			k = w.j
		}
	}
	return found
}

// from looks for a phone number that begins with group k of the run; the
// longest reading goes first.
func (p *phones) from(v *view, r *run, k int) (window, bool) {
	w := window{v: v, i: k}
	w.lead()
	if r.bad[k-r.first] || !w.plus && k > r.first && r.tight[k-r.first-1] || !v.leftOpen(w.start, w.plus) {
		return w, false
	}
	var ends [maxPhoneDigits]int
	n, digits := 0, 0
	for j := k; j <= r.last && !r.bad[j-r.first]; j++ {
		if digits += v.groups[j].len(); digits > maxPhoneDigits {
			break
		}
		if digits >= minPhoneDigits && (j == r.last || !r.tight[j-r.first]) && n < len(ends) {
			ends[n] = j
			n++
		}
	}
	best, found := w, false
	for _, proof := range [...]func(*phones, *window) bool{(*phones).proven, (*phones).possible} {
		for e := n - 1; e >= 0; e-- {
			c := w
			c.close(ends[e])
			if found && c.j <= best.j {
				break // a longer one that is only possible goes before a proven one
			}
			if r.failed > maxFailed && !w.plus || !r.wholeOrGrouped(&c) {
				continue
			}
			if proof(p, &c) {
				best, found = c, true
				break
			}
			r.failed++
		}
	}
	return best, found
}

// lead takes a '+' and an opening parenthesis before the first group in.
func (w *window) lead() {
	b, p := w.v.b, w.v.groups[w.i].start
	if p > 0 && b[p-1] == '(' {
		p--
	}
	q := p
	if q > 1 && b[q-1] == ' ' && b[q-2] == '+' {
		q--
	}
	if q > 0 && b[q-1] == '+' {
		w.plus = true
		p = q - 1
		if p > 0 && b[p-1] == '(' {
			p--
		}
	}
	w.start = p
}

// close ends the candidate with group j.
func (w *window) close(j int) {
	w.j = j
	w.d = string(w.v.digits(w.i, j))
	first := w.v.groups[w.i]
	for w.v.b[w.start] == '(' && bytes.Count(w.v.b[w.start:w.end()], []byte("(")) > bytes.Count(w.v.b[first.end:w.end()], []byte(")")) {
		w.start++ // the parenthesis is around the whole number
	}
	w.area = w.v.b[w.start] == '(' && !w.plus && w.v.at(first.end) == ')'
	w.written = j > w.i || w.area
}

// leftOpen tells whether a number may begin at start: not inside a word, an
// amount, a time, an identifier or a web address.
func (v *view) leftOpen(start int, plus bool) bool {
	c, before := v.at(start-1), v.at(start-2)
	switch {
	case plus:
		return !isDigit(c)
	case v.wordBefore(start):
		return v.phoneWordBefore(start)
	case bytes.IndexByte([]byte("@$%^&\\"), c) >= 0 || c == symCurrency:
		return false
	case bytes.IndexByte([]byte("-/._=#"), c) >= 0 && isAlnum(before):
		return v.phoneWordBefore(start - 1)
	case c == ':':
		return !isDigit(before)
	case c == ',' || c == '/':
		return !isDigit(before) || v.digitsBefore(start-1) >= minPhoneDigits
	case c == ' ' && (before == '$' || before == symCurrency):
		return false
	}
	return !v.inURL(start) || v.phoneWordBefore(start-1)
}

// phoneWordBefore is for "tel612…", "wa.me/34612…" and "phone=34612…".
func (v *view) phoneWordBefore(end int) bool {
	s := end - v.wordLenBefore(end)
	if s == end {
		return false
	}
	w := v.b[s:end]
	return wordSignal(w) == signalPhone || string(w) == "me" && bytes.HasSuffix(v.b[:s], []byte("wa."))
}

func (v *view) digitsBefore(end int) int {
	s := end
	for s > 0 && isDigit(v.b[s-1]) {
		s--
	}
	return end - s
}

// extensionEnd takes "ext. 123", "x12", "anexo 5" behind a number in.
func (v *view) extensionEnd(end int) int {
	i := end
	for i-end < 2 && (v.at(i) == ' ' || v.at(i) == ',' || v.at(i) == ';') {
		i++
	}
	inside := v.at(i) == '('
	if inside {
		i++
	}
	word := v.wordAt(i)
	i += len(word)
	switch word {
	case "ext", "extension", "extn", "x", "anexo", "int", "interno", "ramal", "poste", "durchwahl", "dw", "extensao":
	default:
		return end
	}
	for k := 0; k < 2 && (v.at(i) == '.' || v.at(i) == ' ' || v.at(i) == ':' || v.at(i) == '=' || v.at(i) == '#' || v.at(i) == symOrdinal); k++ {
		i++
	}
	d := i
	for i < len(v.b) && isDigit(v.b[i]) {
		i++
	}
	switch {
	case i == d || i-d > 6 || v.wordAfter(i) || inside && v.at(i) != ')':
		return end
	case inside:
		return i + 1
	}
	return i
}
