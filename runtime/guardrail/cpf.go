package guardrail

// findCPFs looks for Brazil's CPF (people): 123.456.789-09, or eleven digits in
// one run where no word says that they are something else. A run that is also a
// Brazilian mobile number is one unless a word says CPF.
func findCPFs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		j := i
		switch {
		case g.len() == 11 && v.bareCPF(g):
		case v.isShape(i, 3, 3, 3, 2) && v.allTaxGaps(i, i+3):
			j = i + 3
		case v.isShape(i, 9, 2) && isTaxGap(v.between(i)) && (string(v.between(i)) == "-" || v.contextOf(g.start, g.end) == signalTax):
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

func (v *view) bareCPF(g group) bool {
	if v.taxWord(g.start) == "" && isBrazilianMobile(v.b[g.start:g.end]) {
		return false
	}
	return v.bareTax(g, "cpf", "cnpj", "doc", "documento", "tax", "tin", "fiscal")
}

// isBrazilianMobile tells whether eleven digits are an area of Brazil and a
// mobile's nine: 11 98765-4321 (Anatel, Plano Geral de Códigos Nacionais).
func isBrazilianMobile(d []byte) bool {
	switch area := string(d[:2]); area {
	case "20", "23", "25", "26", "29", "36", "39", "52", "56", "57", "58", "59", "72", "76", "78":
		return false
	default:
		return d[2] == '9' && area > "10" && area[1] != '0'
	}
}

// validCPF checks both check digits of eleven; eleven equal digits pass the sum
// but are never given out.
func validCPF(d []byte) bool {
	if allSame(d) {
		return false
	}
	return taxDigit(d[:9], 10, 11) == d[9] && taxDigit(d[:10], 11, 11) == d[10]
}

// taxDigit is the Receita Federal's modulo 11: weights fall from first to 2 and
// start again at top. A letter counts as its ASCII code less 48, as the CNPJ of
// 2026 has it (Instrução Normativa RFB 2.229/2024): d is in lower case.
func taxDigit(d []byte, first, top int) byte {
	sum, weight := 0, first
	for _, c := range d {
		if isASCIILetter(c) {
			c -= 'a' - 'A'
		}
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
