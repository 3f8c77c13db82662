package guardrail

import "bytes"

// findCURPs looks for Mexico's CURP: four letters of the name, the birthday, sex,
// state, three more letters, two places, of which the last is a check digit.
func findCURPs(v *view) []span {
	var found []span
	for _, g := range v.groups {
		start, end := g.start-4, g.start+14
		if g.len() != 6 || start < 0 || end > len(v.b) || v.wordBefore(start) && !v.stuckTo("curp", start) || v.wordAfter(end) {
			continue
		}
		if isCURP(v.b[start:end]) {
			found = append(found, span{kindCURP, start, end})
		}
	}
	return found
}

func isCURP(d []byte) bool {
	if !areLetters(d[:4]) || !isMonthDay(d[4:10]) || !areLetters(d[11:16]) || !isDigit(d[17]) || !isDigit(d[16]) && !isASCIILetter(d[16]) {
		return false
	}
	if d[10] != 'h' && d[10] != 'm' && d[10] != 'x' || !isMexicanState(string(d[11:13])) {
		return false
	}
	// RENAPO counts letters from a = 10, with a place for ñ that no CURP has.
	sum := 0
	for i, c := range d[:17] {
		n := int(c - '0')
		if isASCIILetter(c) {
			n = int(c-'a') + 10
			if c > 'n' {
				n++
			}
		}
		sum += n * (18 - i)
	}
	return d[17] == byte('0'+(10-sum%10)%10)
}

func isMexicanState(s string) bool {
	return oneOf(s, "as", "bc", "bs", "cc", "cl", "cm", "cs", "ch", "df", "dg", "gt", "gr", "hg", "jc", "mc", "mn", "ms", "nt", "nl",
		"oc", "pl", "qt", "qr", "sp", "sl", "sr", "tc", "ts", "tl", "vz", "yn", "zs", "ne")
}

func areLetters(d []byte) bool {
	for _, c := range d {
		if !isASCIILetter(c) {
			return false
		}
	}
	return true
}

// findRFCs looks for Mexico's RFC: three letters of a company or four of a
// person, a day, two places and a check digit. The tax office has given some out
// with another digit than its own rule gives, so that after the word RFC the
// form alone will do.
func findRFCs(v *view) []span {
	var found []span
	for _, g := range v.groups {
		if g.len() < 6 {
			continue
		}
		if s, ok := v.rfcAround(g.start); ok {
			found = append(found, s)
		}
	}
	return found
}

// rfcAround reads the RFC whose day begins at byte day, its parts joined or with
// a blank or a dash between them.
func (v *view) rfcAround(day int) (span, bool) {
	var code [13]byte
	start := day
	if c := v.at(start - 1); c == ' ' || c == '-' {
		start--
	}
	n := 4
	for n > 0 && start > 0 && (isASCIILetter(v.b[start-1]) || v.b[start-1] == '&') {
		n--
		start--
		code[n] = v.b[start]
	}
	end := day + 6
	if c := v.at(end); c == ' ' || c == '-' {
		end++
	}
	end += 3
	if n > 1 || end > len(v.b) || v.wordBefore(start) || v.at(start-1) == '&' || v.wordAfter(end) || !isMonthDay(v.b[day:day+6]) {
		return span{}, false
	}
	if n == 1 {
		code[0] = ' '
	}
	copy(code[4:], v.b[day:day+6])
	copy(code[10:], v.b[end-3:end])
	if !isRFCEnd(code[10:]) || isGenericRFC(code[:]) {
		return span{}, false
	}
	if rfcDigit(code[:12]) != code[12] && v.taxWord(start) != "rfc" {
		return span{}, false
	}
	// Apart, three words and a date in a row pass the sum once in eleven times.
	if end-start > 13-n && v.taxWord(start) != "rfc" {
		return span{}, false
	}
	return span{kindRFC, start, end}, true
}

func isRFCEnd(d []byte) bool {
	for _, c := range d[:2] {
		if !isDigit(c) && !isASCIILetter(c) {
			return false
		}
	}
	return isDigit(d[2]) || d[2] == 'a'
}

// isGenericRFC: what everybody writes who has none.
func isGenericRFC(code []byte) bool {
	return bytes.Equal(code, []byte("xaxx010101000")) || bytes.Equal(code, []byte("xexx010101000"))
}

// rfcDigit is the check digit that SAT's modulo 11 gives for the twelve places
// before it; a company's begin with a blank.
func rfcDigit(d []byte) byte {
	sum := 0
	for i, c := range d {
		n := 0
		switch {
		case isDigit(c):
			n = int(c - '0')
		case c == '&':
			n = 24
		case c == ' ':
			n = 37
		default:
			n = int(c-'a') + 10
			if c > 'n' {
				n++
			}
		}
		sum += n * (13 - i)
	}
	switch check := (11 - sum%11) % 11; check {
	case 10:
		return 'a'
	default:
		return byte('0' + check)
	}
}
