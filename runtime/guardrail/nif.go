package guardrail

// findNIFs looks for Spain's DNI (eight digits and a letter) and NIE (X, Y or
// Z, seven digits and a letter); the letter must be the right one.
func findNIFs(v *view) []span {
	var found []span
	for i := range v.groups {
		if s, ok := v.nifFrom(i); ok {
			found = append(found, s)
		}
	}
	return found
}

func (v *view) nifFrom(i int) (span, bool) {
	j := i
	switch {
	case v.isShape(i, 2, 3, 3) || v.isShape(i, 1, 3, 3):
		if string(v.between(i)) != "." || string(v.between(i+1)) != "." {
			return span{}, false
		}
		j = i + 2
	case v.groups[i].len() != 8 && v.groups[i].len() != 7:
		return span{}, false
	}
	d := v.digits(i, j)
	start, end := v.groups[i].start, v.groups[j].end
	value := 0
	for _, c := range d {
		value = value*10 + int(c-'0')
	}
	if len(d) == 7 {
		lead, ok := nieLead(v, &start)
		if !ok {
			return span{}, false
		}
		value += lead * 10_000_000
	}
	letter := end
	if c := v.at(letter); c == '-' || c == ' ' || c == '.' {
		letter++
	}
	if v.wordBefore(start) && !v.labelBefore(start) || v.at(letter) != "trwagmyfpdxbnjzsqvhlcke"[value%23] || v.wordAfter(letter+1) {
		return span{}, false
	}
	// "12345678 y 2" : a lone letter after a blank may be a word.
	if letter > end && v.b[end] == ' ' && v.contextOf(start, letter+1) != signalTax {
		return span{}, false
	}
	return span{kindNIF, start, letter + 1}, true
}

// nieLead reads the letter before the digits and moves start onto it.
func nieLead(v *view, start *int) (int, bool) {
	p := *start - 1
	if c := v.at(p); c == '-' || c == ' ' || c == '.' {
		p--
	}
	c := v.at(p)
	if c < 'x' || c > 'z' {
		return 0, false
	}
	*start = p
	return int(c - 'x'), true
}
