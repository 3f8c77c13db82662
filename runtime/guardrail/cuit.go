package guardrail

// findCUITs looks for Argentina's CUIT and CUIL: 20-12345678-6, also with dots
// or blanks, or eleven digits in one run where no word says otherwise.
func findCUITs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		j := i
		switch {
		case g.len() == 11 && v.bareCUIT(g):
		case v.isShape(i, 2, 8, 1) && v.allTaxGaps(i, i+2):
			j = i + 2
		case v.isShape(i, 2, 2, 3, 3, 1) && v.allTaxGaps(i, i+4):
			j = i + 4
		case v.isShape(i, 2, 9) && isTaxGap(v.between(i)) && v.contextOf(g.start, v.groups[i+1].end) == signalTax:
			j = i + 1
		case v.isShape(i, 10, 1) && isTaxGap(v.between(i)) && v.contextOf(g.start, v.groups[i+1].end) == signalTax:
			j = i + 1
		default:
			continue
		}
		if v.standsAlone(i, j) && validCUIT(v.digits(i, j)) {
			found = append(found, span{kindCUIT, g.start, v.groups[j].end})
		}
	}
	return found
}

// bareCUIT also leaves what a Brazilian mobile number looks like (area 24 or 27,
// then a nine) to the phones.
func (v *view) bareCUIT(g group) bool {
	if v.taxWord(g.start) == "" && isBrazilianMobile(v.b[g.start:g.end]) {
		return false
	}
	return v.bareTax(g, "cuit", "cuil", "cdi", "afip", "arca")
}

// validCUIT checks the kind of holder in the first two digits and the last
// digit, AFIP's modulo 11. A remainder that would need a tenth digit is given
// out under another beginning, so no number ends in it.
func validCUIT(d []byte) bool {
	switch string(d[:2]) {
	case "20", "23", "24", "25", "26", "27", "30", "33", "34", "50", "51", "55":
	default:
		return false
	}
	if allSame(d[2:10]) {
		return false
	}
	sum := 0
	for i, weight := range [...]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2} {
		sum += int(d[i]-'0') * weight
	}
	check := (11 - sum%11) % 11
	return check < 10 && d[10] == byte('0'+check)
}

// findDNIs looks for Argentina's DNI, seven or eight digits with dots or
// without. It has no check digit, and 12.345.678 is an amount as well: only the
// word before it proves it.
func findDNIs(v *view) []span {
	var found []span
	for i, g := range v.groups {
		j := i
		switch {
		case g.len() == 7 || g.len() == 8:
		case (v.isShape(i, 2, 3, 3) || v.isShape(i, 1, 3, 3)) && isDNIGap(v.between(i)) && string(v.between(i)) == string(v.between(i+1)):
			j = i + 2
		default:
			continue
		}
		if v.b[g.start] == '0' || !v.standsAlone(i, j) || !isDNIWord(v.taxWord(g.start)) && !isDNIWord(v.taxWordAfter(v.groups[j].end)) {
			continue
		}
		found = append(found, span{kindDNI, g.start, v.groups[j].end})
	}
	return found
}

func isDNIWord(w string) bool { return oneOf(w, "dni", "doc", "documento", "documentos", "du") }

func isDNIGap(sep []byte) bool { return len(sep) == 1 && (sep[0] == '.' || sep[0] == ' ') }
