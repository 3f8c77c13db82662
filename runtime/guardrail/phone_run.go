package guardrail

// run is a row of digit groups with nothing between them that could not stand
// in a phone number. It is reused from row to row.
type run struct {
	first, last int
	digits      int
	tight       []bool // between group first+i and the next: one sign, no blank
	bad         []bool // group first+i belongs to a date, a time, an amount, a word
	failed      int    // readings that were no phone number
	single      bool   // every group is one digit: "6 1 2 …"
	fours       int    // groups of four digits: five and more are a parcel's number
}

// read collects the row that begins with group i.
func (r *run) read(v *view, i int) {
	r.first, r.last, r.digits = i, i, v.groups[i].len()
	r.tight, r.bad, r.failed = r.tight[:0], r.bad[:0], 0
	r.single = v.groups[i].len() == 1
	r.fours = 0
	if v.owned[i] {
		r.digits = 0
		return
	}
	for r.last+1 < len(v.groups) && !v.owned[r.last+1] {
		ok, tight := phoneGap(v, r.last)
		if !ok {
			break
		}
		r.tight = append(r.tight, tight)
		r.last++
		r.digits += v.groups[r.last].len()
		r.single = r.single && v.groups[r.last].len() == 1
	}
	for k := r.first; k <= r.last; k++ {
		if v.groups[k].len() == 4 {
			r.fours++
		}
	}
	if r.digits < minPhoneDigits {
		return
	}
	for a := r.first; a <= r.last; {
		b := a
		for b < r.last && r.tight[b-r.first] {
			b++
		}
		bad := v.isOtherChunk(a, b)
		for ; a <= b; a++ {
			r.bad = append(r.bad, bad)
		}
	}
}

// phoneGap judges what stands between group i and the next.
func phoneGap(v *view, i int) (ok, tight bool) {
	sep := v.between(i)
	if len(sep) > 4 {
		return false, false
	}
	var mark byte
	for k, c := range sep {
		switch c {
		case ' ', '(', ')':
		case '-', '.', '/', '~':
			if mark != 0 || c == '.' && k+1 < len(sep) && sep[k+1] == ' ' {
				return false, false
			}
			mark = c
		default:
			return false, false
		}
	}
	if mark == '/' && v.groups[i].len() >= 9 {
		return false, false // 612345678/698765432 are two numbers
	}
	return true, len(sep) == 1 && mark != 0
}

// wholeOrGrouped sorts out rows of small numbers: one-digit groups are read
// only as a whole row, and otherwise stand only near the beginning, as in
// "1 800 …", "54 9 11 …" and "+33 (0)6 12 …".
func (r *run) wholeOrGrouped(w *window) bool {
	if r.single {
		return w.i == r.first && w.j == r.last
	}
	for k := w.i + 1; k <= w.j; k++ {
		if w.v.groups[k].len() == 1 && (k > w.i+1 && !w.plus || k == w.j) {
			return false
		}
	}
	return true
}

// isOtherChunk tells whether groups a to b, joined without blanks, are a date,
// a time, a decimal, or stuck to a word or an amount.
func (v *view) isOtherChunk(a, b int) bool {
	start, end := v.groups[a].start, v.groups[b].end
	next, after := v.at(end), v.at(end+1)
	switch {
	case v.wordAfter(end) && v.extensionEnd(end) == end:
		return true
	case v.wordBefore(start) && !v.phoneWordBefore(start):
		return true
	case (next == ':' || next == '.' || next == '\'') && isDigit(after):
		return true
	case next == ',' && isDigit(after) && v.groups[b].len() < minPhoneDigits:
		return true
	case next == '%' || next == symCurrency || next == '$' || next == '@' || next == symOrdinal:
		return true
	case next == '/' && v.contactAt(end+1):
		return false
	case (next == '-' || next == '_' || next == '/' || next == '=') && isLetter(after):
		return true
	case v.at(start-1) == ':' && isDigit(v.at(start-2)):
		return true
	}
	return v.isDate(a, b) || v.isDecimal(a, b) && v.at(start-1) != '+'
}

// contactAt: the word behind the slash of "+41 79 492 57 29/Mail:…".
func (v *view) contactAt(i int) bool {
	w := v.wordAt(i)
	return w != "" && (wordSignal([]byte(w)) == signalPhone || oneOf(w, "mail", "email", "e", "correo", "courriel"))
}

// counted: 0123456789, in one run and no phone word near. Counted down it is
// India's usual example of a number.
func (w *window) counted() bool {
	if w.written {
		return false
	}
	for i := 1; i < len(w.d); i++ {
		if w.d[i] != w.d[i-1]+1 {
			return false
		}
	}
	return w.v.contextOf(w.start, w.end()) != signalPhone
}

// isDate: 23.11.2026, 2026-11-23, 11/23/26.
func (v *view) isDate(a, b int) bool {
	if b-a != 2 || string(v.between(a)) != string(v.between(a+1)) {
		return false
	}
	x, y, z := v.number(a), v.number(a+1), v.number(a+2)
	lx, ly, lz := v.groups[a].len(), v.groups[a+1].len(), v.groups[a+2].len()
	dayMonth := func(p, q int) bool { return p >= 1 && q >= 1 && p <= 31 && q <= 31 && min(p, q) <= 12 }
	switch {
	case lx == 4 && ly <= 2 && lz <= 2:
		return x >= 1900 && x < 2100 && dayMonth(y, z)
	case lx <= 2 && ly <= 2 && lz == 4:
		return z >= 1900 && z < 2100 && dayMonth(x, y)
	case lx <= 2 && ly <= 2 && lz == 2:
		return dayMonth(x, y)
	}
	return false
}

// isDecimal: 1299.00, 40.416775 and 22621.2861.
func (v *view) isDecimal(a, b int) bool {
	if b-a != 1 || string(v.between(a)) != "." {
		return false
	}
	whole, part := v.groups[a].len(), v.groups[b].len()
	return part <= 2 || (whole <= 3 || whole == 5) && part >= 4
}

// number is the value of a group, at most four digits of it.
func (v *view) number(i int) int {
	n := 0
	for k := v.groups[i].start; k < v.groups[i].end && k < v.groups[i].start+4; k++ {
		n = n*10 + int(v.b[k]-'0')
	}
	return n
}
