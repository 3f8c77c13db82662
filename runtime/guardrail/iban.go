package guardrail

// ibanLen is the length of a country's IBAN in characters (SWIFT's IBAN
// registry), 0 where the country has none.
func ibanLen(country string) int {
	switch country {
	case "no":
		return 15
	case "be":
		return 16
	case "dk", "fi", "fk", "fo", "gl", "nl", "sd":
		return 18
	case "mk", "si":
		return 19
	case "at", "ba", "ee", "kz", "lt", "lu", "mn", "xk":
		return 20
	case "ch", "hr", "li", "lv":
		return 21
	case "bg", "bh", "cr", "de", "gb", "ge", "ie", "me", "rs", "va":
		return 22
	case "ae", "gi", "il", "iq", "om", "so", "tl":
		return 23
	case "ad", "cz", "es", "md", "pk", "ro", "sa", "se", "sk", "tn", "vg":
		return 24
	case "ao", "cv", "ly", "mz", "pt", "st":
		return 25
	case "ir", "is", "tr":
		return 26
	case "bf", "bi", "bj", "cf", "cg", "ci", "cm", "dj", "fr", "ga", "gq", "gr", "it", "km", "mc", "mg", "ml", "mr", "ne", "sm", "sn", "td", "tg":
		return 27
	case "al", "az", "by", "cy", "do", "dz", "gt", "gw", "hn", "hu", "lb", "ma", "ni", "pl", "sv":
		return 28
	case "br", "eg", "ps", "qa", "ua":
		return 29
	case "jo", "kw", "mu", "ye":
		return 30
	case "mt", "sc":
		return 31
	case "lc":
		return 32
	case "ru":
		return 33
	}
	return 0
}

// findIBANs looks for two letters and two digits, reads on to the country's
// length over single blanks, dashes and dots, and checks the remainder. What
// fails the check only is kept in v.wrong.
func findIBANs(v *view) []span {
	var found []span
	for _, g := range v.groups {
		start := g.start - 2
		if start < 0 || g.len() < 2 || !isASCIILetter(v.b[start]) || !isASCIILetter(v.b[start+1]) || v.wordBefore(start) && !v.stuckTo("iban", start) {
			continue
		}
		switch end, ok := readIBAN(v, start); {
		case ok:
			found = append(found, span{kindIBAN, start, end})
		case end > 0:
			v.wrong = append(v.wrong, span{kindIBAN, start, end})
		}
	}
	return found
}

// readIBAN reads from the country on and gives where the code ends, 0 where it is
// none; ok tells whether its check digits are right.
func readIBAN(v *view, start int) (end int, ok bool) {
	want := ibanLen(string(v.b[start : start+2]))
	if want == 0 {
		return 0, false
	}
	var code [40]byte
	n, i, gap := 0, start, 0
	for i < len(v.b) && n < want {
		switch c := v.b[i]; {
		case isDigit(c) || isASCIILetter(c):
			code[n] = c
			n++
			gap = 0
		case (c == ' ' || c == '-' || c == '.') && gap < 2:
			gap++
		default:
			return 0, false
		}
		i++
	}
	if n < want || v.wordAfter(i) {
		return 0, false
	}
	return i, ibanRemainder(code[4:want], code[:4]) == 1
}

// inWrong tells whether byte i lies in a code that is an IBAN but for its check
// digits.
func (v *view) inWrong(i int) bool {
	for _, s := range v.wrong {
		if s.start <= i && i < s.end {
			return true
		}
	}
	return false
}

// ibanRemainder is the number modulo 97 with its head moved to the end and
// letters counted from a = 10 (ISO 13616).
func ibanRemainder(parts ...[]byte) int {
	rest := 0
	for _, part := range parts {
		for _, c := range part {
			if isDigit(c) {
				rest = (rest*10 + int(c-'0')) % 97
			} else {
				rest = (rest*100 + int(c-'a') + 10) % 97
			}
		}
	}
	return rest
}

func isASCIILetter(c byte) bool { return c >= 'a' && c <= 'z' }
