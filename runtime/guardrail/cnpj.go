package guardrail

// findCNPJs looks for Brazil's CNPJ (companies): 12.345.678/0001-95, fourteen
// digits in one run where no word says that they are something else, and the
// form of 2026 in which the first twelve places may be letters.
func findCNPJs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		if s, ok := v.letterCNPJ(i); ok {
			found = append(found, s)
			continue
		}
		j := i
		switch {
		case g.len() == 14 && !isMoment(v.b[g.start:g.end]) && v.bareTax(g, "cnpj", "cpf", "cgc"):
		case v.isShape(i, 2, 3, 3, 4, 2) && v.allTaxGaps(i, i+4):
			j = i + 4
		case v.isShape(i, 8, 4, 2) && v.allTaxGaps(i, i+2):
			j = i + 2
		case v.isShape(i, 12, 2) && v.allTaxGaps(i, i+1):
			j = i + 1
		default:
			continue
		}
		if v.standsAlone(i, j) && validCNPJ(v.digits(i, j)) {
			found = append(found, span{kindCNPJ, g.start, v.groups[j].end})
		}
	}
	return found
}

// isMoment: 20261123103045.
func isMoment(d []byte) bool {
	return (string(d[:2]) == "20" || string(d[:2]) == "19") && isMonthDay(d[2:8]) && d[8] <= '2' && d[10] <= '5' && d[12] <= '5'
}

// letterCNPJ reads back from the two check digits in group i: twelve letters and
// digits, with the usual signs between them (12.ABC.345/01DE-35) or, after the
// word CNPJ, without any.
func (v *view) letterCNPJ(i int) (span, bool) {
	end := v.groups[i].end
	if v.wordAfter(end) {
		return span{}, false
	}
	var code [14]byte
	n, letters, signs, p := len(code), 0, 0, end
	for p > 0 && n > 0 {
		c := v.b[p-1]
		switch {
		case isDigit(c) || isASCIILetter(c) && n <= 12:
			n--
			code[n] = c
			if isASCIILetter(c) {
				letters++
			}
		case n == 12 && c == '-', n == 8 && c == '/', (n == 5 || n == 2) && c == '.':
			signs++
		default:
			return span{}, false
		}
		p--
	}
	if n > 0 || letters == 0 || v.wordBefore(p) && !v.stuckTo("cnpj", p) || !validCNPJ(code[:]) {
		return span{}, false
	}
	if signs < 4 && v.taxWord(p) != "cnpj" {
		return span{}, false
	}
	return span{kindCNPJ, p, end}, true
}

// validCNPJ checks both check digits of fourteen.
func validCNPJ(d []byte) bool {
	if allSame(d) {
		return false
	}
	return taxDigit(d[:12], 5, 9) == d[12] && taxDigit(d[:13], 6, 9) == d[13]
}
