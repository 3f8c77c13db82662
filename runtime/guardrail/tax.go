package guardrail

// What the finders of tax and identity numbers share.

// taxWord is the nearest word before byte i that names a kind of tax or identity
// number ("cpf", "cuit", "dni" …), within contextBytes and seven words; "" where
// there is none. Words of another number that stands between end the search.
func (v *view) taxWord(i int) string {
	limit := max(0, i-contextBytes)
	for p, words := i, 0; p > limit && words < contextWords; {
		c := v.b[p-1]
		switch {
		case isLetter(c):
			s := p - v.wordLenBefore(p)
			if s == p {
				return ""
			}
			w := v.b[s:p]
			if wordSignal(w) == signalTax {
				return string(w)
			}
			if len(w) > 1 { // "c.u.i.t." is one word of four letters
				words++
			}
			p = s
		case isDigit(c), words > 0 && endsSentence(v, p-1) && c != '.':
			return ""
		default:
			p--
		}
	}
	return v.spelledTaxWord(i, limit)
}

// taxWordAfter reads the word of "38884030 es mi dni" and "38884030 (dni)".
func (v *view) taxWordAfter(end int) string {
	if v.signalAfter(end) != signalTax {
		return ""
	}
	for p := end; p < len(v.b); p++ {
		w := v.wordAt(p)
		if w == "" {
			continue
		}
		if wordSignal([]byte(w)) == signalTax {
			return w
		}
		p += len(w)
	}
	return ""
}

// spelledTaxWord reads "D.N.I. 12.345.678" and "C.U.I.T.: 20-…".
func (v *view) spelledTaxWord(i, limit int) string {
	end := i
	for end > limit && (v.b[end-1] == ' ' || v.b[end-1] == ':' || v.b[end-1] == '.' || v.b[end-1] == symOrdinal) {
		end--
	}
	var letters []byte
	for p := end; p > limit && len(letters) < 5; {
		if !isASCIILetter(v.b[p-1]) || isLetter(v.at(p-2)) {
			break
		}
		letters = append([]byte{v.b[p-1]}, letters...)
		p--
		if v.at(p-1) != '.' {
			break
		}
		p--
	}
	if len(letters) >= 3 && wordSignal(letters) == signalTax {
		return string(letters)
	}
	return ""
}

// oneOf tells whether w is one of words.
func oneOf(w string, words ...string) bool {
	for _, x := range words {
		if w == x {
			return true
		}
	}
	return false
}

// isTaxGap: one dot, dash, blank or slash.
func isTaxGap(sep []byte) bool {
	return len(sep) == 1 && (sep[0] == '.' || sep[0] == '-' || sep[0] == ' ' || sep[0] == '/')
}

// allTaxGaps tells whether one such sign stands between all of groups i to j.
func (v *view) allTaxGaps(i, j int) bool {
	for k := i; k < j; k++ {
		if !isTaxGap(v.between(k)) {
			return false
		}
	}
	return true
}

// bareTax tells whether a run of digits without any sign may be a tax number: no
// word near it says that it is something else, and the country's own word for
// another kind does not stand before it.
func (v *view) bareTax(g group, words ...string) bool {
	if w := v.taxWord(g.start); w != "" {
		return oneOf(w, words...)
	}
	sig := v.contextOf(g.start, g.end)
	return sig == signalNone || sig == signalTax
}

func allSame(d []byte) bool {
	for _, c := range d {
		if c != d[0] {
			return false
		}
	}
	return true
}

// isMonthDay judges the month and day of a number that begins with a birthday,
// written YYMMDD.
func isMonthDay(d []byte) bool {
	month, day := int(d[2]-'0')*10+int(d[3]-'0'), int(d[4]-'0')*10+int(d[5]-'0')
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}
