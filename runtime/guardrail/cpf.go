package guardrail

// findCPFs looks for Brazil's CPF (people): 123.456.789-09, or eleven digits
// where the words around them say so.
func findCPFs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		j := i
		switch {
		case g.len() == 11 && v.contextOf(g.start, g.end) == signalTax:
		case v.isShape(i, 3, 3, 3, 2) && isTaxGap(v.between(i)) && isTaxGap(v.between(i+1)) && isTaxGap(v.between(i+2)):
			j = i + 3
		case v.isShape(i, 9, 2) && string(v.between(i)) == "-":
			j = i + 1
		default:
			continue
		}
		if v.standsAlone(i, j) && validCPF(v.digits(i, j)) {
			found = append(found, span{kindCPF, g.start, v.groups[j].end})
		}
	}
	return found
}

// findCNPJs looks for Brazil's CNPJ (companies): 12.345.678/0001-95, or
// fourteen digits where the words around them say so.
func findCNPJs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		j := i
		switch {
		case g.len() == 14 && v.contextOf(g.start, g.end) == signalTax:
		case v.isShape(i, 2, 3, 3, 4, 2) && isTaxGap(v.between(i)) && isTaxGap(v.between(i+1)) && isTaxGap(v.between(i+3)):
			j = i + 4
		case v.isShape(i, 8, 4, 2) && string(v.between(i)) == "/":
			j = i + 2
		default:
			continue
		}
		if v.standsAlone(i, j) && validCNPJ(v.digits(i, j)) {
			found = append(found, span{kindCNPJ, g.start, v.groups[j].end})
		}
	}
	return found
}

func isTaxGap(sep []byte) bool {
	return len(sep) == 1 && (sep[0] == '.' || sep[0] == '-' || sep[0] == ' ' || sep[0] == '/')
}

// validCPF checks both check digits of eleven; eleven equal digits pass the sum
// but are never given out.
func validCPF(d []byte) bool {
	if allSame(d) {
		return false
	}
	return taxDigit(d[:9], 10, 11) == d[9] && taxDigit(d[:10], 11, 11) == d[10]
}

// validCNPJ checks both check digits of fourteen.
func validCNPJ(d []byte) bool {
	if allSame(d) {
		return false
	}
	return taxDigit(d[:12], 5, 9) == d[12] && taxDigit(d[:13], 6, 9) == d[13]
}

// taxDigit is the Receita Federal's modulo 11: weights fall from first to 2 and
// start again at top.
func taxDigit(d []byte, first, top int) byte {
	sum, weight := 0, first
	for _, c := range d {
		sum += int(c-'0') * weight
		if weight--; weight < 2 {
			weight = top
		}
	}
	if rest := sum % 11; rest >= 2 {
		return byte('0' + 11 - rest)
	}
	return '0'
}

func allSame(d []byte) bool {
	for _, c := range d {
		if c != d[0] {
			return false
		}
	}
	return true
}
