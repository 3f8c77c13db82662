package guardrail

import "bytes"

// findCards looks for 12 to 19 digits, in one piece or in groups, that begin as
// a card brand's numbers do, have its length, and pass Luhn's check.
func findCards(v *view) []span {
	var found []span
	for i := 0; i < len(v.groups); i++ {
		j, ok := v.cardFrom(i)
		if !ok {
			continue
		}
		found = append(found, span{kindCard, v.groups[i].start, v.groups[j].end})
		i = j
	}
	return found
}

// cardFrom gives the last group of a card that begins with group i. The usual
// ways to write a card go before longer readings, so that an expiry date or a
// security code behind it is not read as its tail.
func (v *view) cardFrom(i int) (int, bool) {
	start := v.groups[i].start
	if v.wordBefore(start) && !v.labelBefore(start) || v.at(start-1) == '+' || v.at(start-1) == '.' && isDigit(v.at(start-2)) {
		return 0, false
	}
	best, found := 0, false
	n := 0
	for j := i; j < len(v.groups) && n <= 19; j++ {
		if j > i && !isCardGap(v.between(j-1)) {
			break
		}
		n += v.groups[j].len()
		if n < 12 || n > 19 || v.wordAfter(v.groups[j].end) || !v.lineFits(i, j) {
			continue
		}
		d := v.digits(i, j)
		if !cardBrand(d) || !luhn(d) || v.isOtherNumber(i, j, d) {
			continue
		}
		if v.usualCard(i, j) {
			return j, true
		}
		best, found = j, true
	}
	return best, found
}

// isCardGap: up to three blanks, or one dash, dot or underscore among blanks.
func isCardGap(sep []byte) bool {
	if len(sep) > 3 {
		return false
	}
	marks := 0
	for _, c := range sep {
		switch c {
		case ' ', '\n':
		case '-', '.', '_', '*', '/':
			marks++
		default:
			return false
		}
	}
	return marks <= 1
}

// lineFits: a card may go on in the next line once, "4111 1111" and the rest; a
// column of numbers is none.
func (v *view) lineFits(i, j int) bool {
	lines := bytes.Count(v.b[v.groups[i].start:v.groups[j].end], []byte("\n"))
	return lines == 0 || lines == 1 && j == i+3 && v.isShape(i, 4, 4, 4, 4)
}

// usualCard tells whether groups i to j are grouped as on a card.
func (v *view) usualCard(i, j int) bool {
	switch j - i + 1 {
	case 1:
		return true
	case 3:
		return v.isShape(i, 4, 6, 5) || v.isShape(i, 4, 6, 4)
	case 4:
		return v.isShape(i, 4, 4, 4, 4) || v.isShape(i, 4, 4, 4, 1)
	case 5:
		return v.isShape(i, 4, 4, 4, 4, 1) || v.isShape(i, 4, 4, 4, 4, 2) || v.isShape(i, 4, 4, 4, 4, 3)
	}
	return false
}

// isOtherNumber tells a card from what looks like one by chance: one in ten
// long numbers passes Luhn's check. Only a number in one piece, or in a shape
// that no card has, gives way to the words around it.
func (v *view) isOtherNumber(i, j int, d []byte) bool {
	if v.inURL(v.groups[i].start) || v.inWrong(v.groups[i].start) {
		return true
	}
	if j > i && v.usualCard(i, j) {
		// "9400 1000 0000 0000 0000 00" goes on at both ends.
		return i > 0 && j+1 < len(v.groups) && v.groups[i-1].len() == 4 && string(v.between(i-1)) == " " && string(v.between(j)) == " "
	}
	if v.at(v.groups[i].start-1) == '-' && isAlnum(v.at(v.groups[i].start-2)) {
		return true // the tail of a longer identifier
	}
	if c := v.at(v.groups[j].end); (c == '-' || c == '/' || c == '_') && isAlnum(v.at(v.groups[j].end+1)) && i == j {
		return true
	}
	sig := v.contextOf(v.groups[i].start, v.groups[j].end)
	if sig == signalCard {
		return false
	}
	if sig == signalOther || sig == signalTax {
		return true
	}
	if j-i >= 8 && j-i+1 != len(d) || j > i && v.mixedGaps(i, j) {
		return true // a row of small numbers, not a card
	}
	return len(d) <= 13 && isEAN(d) // a barcode as likely as an old card
}

// mixedGaps tells whether groups i to j are kept apart by different signs.
func (v *view) mixedGaps(i, j int) bool {
	for k := i + 1; k < j; k++ {
		if string(v.between(k)) != string(v.between(i)) {
			return true
		}
	}
	return false
}
