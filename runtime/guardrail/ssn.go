package guardrail

// findSSNs looks for social security numbers of the United States: three, two
// and four digits with one kind of separator, or nine digits after a word that
// says so. Numbers that were never given out do not count (SSA: no area 000,
// 666 or 900-999, no group 00, no serial 0000).
func findSSNs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		switch {
		case g.len() == 9 && v.standsAlone(i, i) && v.contextOf(g.start, g.end) == signalSSN:
			if validSSN(v.b[g.start:g.end]) {
				found = append(found, span{kindSSN, g.start, g.end})
			}
		case g.len() == 3 && v.isShape(i, 3, 2, 4):
			if s, ok := v.groupedSSN(i); ok {
				found = append(found, s)
			}
		}
	}
	return found
}

func (v *view) groupedSSN(i int) (span, bool) {
	first, second := v.between(i), v.between(i+1)
	if len(first) != 1 || len(second) != 1 || first[0] != second[0] {
		return span{}, false
	}
	sep := first[0]
	if sep != '-' && sep != ' ' && sep != '.' || !v.standsAlone(i, i+2) {
		return span{}, false
	}
	s := span{kindSSN, v.groups[i].start, v.groups[i+2].end}
	if !validSSN(v.digits(i, i+2)) {
		return span{}, false
	}
	sig := v.contextOf(s.start, s.end)
	if sig != signalSSN && (sig != signalNone || sep == '.') {
		return span{}, false
	}
	return s, true
}

// validSSN judges nine digits.
func validSSN(d []byte) bool {
	area := string(d[:3])
	return area != "000" && area != "666" && d[0] != '9' && string(d[3:5]) != "00" && string(d[5:]) != "0000"
}
