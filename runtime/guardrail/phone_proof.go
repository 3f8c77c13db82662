package guardrail

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// proven tells whether a candidate is a number that some country gives out,
// where the words around it and its writing leave no better reading.
func (p *phones) proven(w *window) bool {
	if w.plus {
		return validAbroad(w.d)
	}
	if allSame([]byte(w.d)) || w.counted() || w.notWrittenAsPhone() {
		return false
	}
	sig := w.v.contextOf(w.start, w.end())
	if rest, ok := dialledAbroad(w.d); ok && validAbroad(rest) && (w.written || sig == signalNone || sig == signalPhone) {
		return true
	}
	switch {
	case sig == signalPhone:
		return p.anywhere(w)
	case sig != signalNone:
		return (w.area || w.j-w.i >= 2) && len(w.d) >= 9 && p.grouped(w)
	case !w.written || w.j-w.i+1 == len(w.d):
		return p.bare(w)
	case w.rising():
		return false
	case len(w.d) < 9:
		return match(p.home, w, proof{prefix: true, grouping: true})
	}
	if p.countryCodeFirst(w) {
		return true
	}
	if w.likeThousands() {
		return false
	}
	// Rows of sizes or of lottery numbers need their country's own grouping.
	need := proof{prefix: true, grouping: w.inPairs() && !w.fivePairs() || w.oneOfMany(), mobile: w.dottedAmount()}
	return match(p.home, w, need) || match(p.likely, w, need) || !need.mobile && match(p.rest, w, proof{prefix: true, grouping: true})
}

// possible accepts what is written as a phone number though no country gives
// it out: made-up numbers and ranges newer than the data.
func (p *phones) possible(w *window) bool {
	n := len(w.d)
	if w.plus {
		num, err := parseAbroad(w.d)
		if n < 9 || n > 15 || strings.HasSuffix(w.d, "00000") {
			return false
		}
		return w.written && n >= 10 || err == nil && (n <= 13 || phonenumbers.IsPossibleNumber(num))
	}
	if allSame([]byte(w.d)) && n != 10 || w.counted() || w.notWrittenAsPhone() {
		return false
	}
	sig := w.v.contextOf(w.start, w.end())
	if sig == signalNone || sig == signalPhone {
		if rest, ok := dialledAbroad(w.d); ok && (w.written || n >= 12) && w.d[2] != '0' {
			if num, err := parseAbroad(rest); err == nil && phonenumbers.IsPossibleNumber(num) {
				return true
			}
		}
	}
	if sig == signalPhone {
		return n >= 9 && n <= 13 || w.written && n >= 7 && w.v.groups[w.j].len() == 4 && w.j == w.i+1
	}
	return sig == signalNone && (w.classic() || w.withTrunkZero())
}

// withTrunkZero: 0612345678, 0589 880 67 67. In most of the world a number of ten
// or eleven digits that begins with one zero is dialled; books have such numbers
// too, with a check digit of their own.
func (w *window) withTrunkZero() bool {
	n := len(w.d)
	return (n == 10 || n == 11 && w.written) && w.d[0] == '0' && w.d[1] != '0' && !isISBN10(w.d) && !w.oneOfMany() && !w.likeThousands()
}

// classic: (555) 123-4567, 555-123-4567, 555.123.4567, (11) 4321-8765. Nothing
// but phone numbers is written so.
func (w *window) classic() bool {
	n := len(w.d)
	if w.area {
		code, rest := w.v.groups[w.i].len(), w.j-w.i
		return code >= 2 && code <= 5 && n >= 9 && n <= 11 && rest >= 1 && rest <= 3
	}
	i := w.i
	if n == 11 && w.d[0] == '1' && w.j-i == 3 && w.v.groups[i].len() == 1 {
		i++
	}
	if w.j-i != 2 || !w.v.isShape(i, 3, 3, 4) {
		return false
	}
	sep := string(w.v.between(i))
	return sep == string(w.v.between(i+1)) && (sep == "-" || sep == ".")
}

// notWrittenAsPhone: signs between the groups that change to and fro, a day
// written with blanks, an amount with its unit.
func (w *window) notWrittenAsPhone() bool {
	if w.v.unitAfter(w.end()) {
		return true
	}
	if w.j == w.i+2 && w.v.isDate(w.i, w.j) {
		return true
	}
	if w.j == w.i+1 && w.v.isShape(w.i, 5, 4) && string(w.v.between(w.i)) == "-" && w.v.contextOf(w.start, w.end()) != signalPhone {
		return true // a ZIP code of nine digits, or a Brazilian mobile number without its area
	}
	if !w.area && (w.j == w.i+2 && w.v.isShape(w.i, 3, 2, 4) || w.j == w.i+3 && w.v.isShape(w.i, 3, 3, 3, 2) || w.j == w.i+4 && w.v.isShape(w.i, 2, 3, 3, 4, 2)) {
		return w.v.contextOf(w.start, w.end()) != signalPhone // an SSN, a CPF or a CNPJ, be it a wrong one
	}
	changes := 0
	for k := w.i + 1; k < w.j; k++ {
		if gapKind(w.v.between(k)) != gapKind(w.v.between(k-1)) {
			changes++
		}
	}
	limit := 1
	if w.area || len(w.d) > 10 {
		limit = 2
	}
	return changes > limit
}

// gapKind is the sign in a gap, a blank where there is none.
func gapKind(sep []byte) byte {
	for _, c := range sep {
		if c != ' ' && c != '(' && c != ')' {
			return c
		}
	}
	return ' '
}

// likeThousands: 1 234 567 890. Nine digits in threes may be a phone number.
func (w *window) likeThousands() bool {
	if w.area || w.v.groups[w.i].len() > 3 || w.j == w.i {
		return false
	}
	for k := w.i + 1; k <= w.j; k++ {
		if w.v.groups[k].len() != 3 {
			return false
		}
	}
	return len(w.d) != 9 && w.d[0] != '0'
}

// inPairs: no group is longer than two digits.
func (w *window) inPairs() bool {
	for k := w.i; k <= w.j; k++ {
		if w.v.groups[k].len() > 2 {
			return false
		}
	}
	return true
}

// dottedAmount: 469.714.793 is an amount as well.
func (w *window) dottedAmount() bool {
	if w.d[0] == '0' || w.j != w.i+2 || !w.v.isShape(w.i, 3, 3, 3) {
		return false
	}
	return string(w.v.between(w.i)) == "." && string(w.v.between(w.i+1)) == "."
}

// fivePairs: 55 20 85 73 71, as Mexico writes. No lottery draws numbers above sixty.
func (w *window) fivePairs() bool {
	if len(w.d) != 10 || w.j != w.i+4 {
		return false
	}
	for k := w.i; k <= w.j; k++ {
		if w.v.number(k) > 60 {
			return true
		}
	}
	return false
}

// rising: each pair is greater than the one before, "62 64 66 68 70".
func (w *window) rising() bool {
	if w.d[0] == '0' || !w.inPairs() {
		return false
	}
	for k := w.i + 1; k <= w.j; k++ {
		if w.v.number(k) <= w.v.number(k-1) {
			return false
		}
	}
	return true
}

// oneOfMany: the row of groups goes on beside the candidate in the same step.
func (w *window) oneOfMany() bool {
	v := w.v
	left := w.i > 0 && v.groups[w.i-1].len() == v.groups[w.i].len() && string(v.between(w.i-1)) == " "
	right := w.j+1 < len(v.groups) && v.groups[w.j+1].len() == v.groups[w.j].len() && string(v.between(w.j)) == " "
	wordy := w.i > 0 && w.start == v.groups[w.i].start && v.groups[w.i].len() == 4 && isLetter(v.at(w.start-2)) && v.wordLenBefore(w.start-1) == 4
	return left || right || wordy
}

// unitAfter tells whether an amount's unit follows.
func (v *view) unitAfter(end int) bool {
	i := end
	for i-end < 2 && v.at(i) == ' ' && i < len(v.b) {
		i++
	}
	if c := v.at(i); c == '$' || c == symCurrency || c == '%' {
		return true
	}
	switch v.wordAt(i) {
	case "eur", "euro", "euros", "usd", "dolares", "dollars", "pesos", "reais", "soles", "gbp", "mxn", "brl", "cop", "clp", "ars", "chf", "kg",
		"km", "cm", "mm", "ml", "gb", "mb", "kb", "bytes", "uds", "unidades", "units", "pcs", "pax", "habitantes", "people", "personas",
		"visitas", "views", "downloads", "users", "usuarios", "millones", "rupees", "yen", "won", "kwh", "ms", "px",
		"metros", "meters", "metres", "litros", "piezas", "seguidores", "followers", "puntos", "points", "pts":
		return true
	}
	return false
}

// dialledAbroad takes the prefix for calls abroad away.
func dialledAbroad(d string) (string, bool) {
	if rest, ok := strings.CutPrefix(d, "00"); ok && len(rest) >= 9 {
		return rest, true
	}
	if rest, ok := strings.CutPrefix(d, "011"); ok && len(rest) >= 9 {
		return rest, true
	}
	return "", false
}

// validAbroad judges digits that begin with a country code.
func validAbroad(d string) bool {
	num, err := parseAbroad(d)
	return err == nil && phonenumbers.GetNumberType(num) != phonenumbers.UNKNOWN
}

// parseAbroad reads digits that begin with a country code. Mexico dropped the
// '1' before mobile numbers in 2019, but its people and WhatsApp still write it.
func parseAbroad(d string) (*phonenumbers.PhoneNumber, error) {
	if len(d) == 13 && strings.HasPrefix(d, "521") {
		d = "52" + d[3:]
	}
	return phonenumbers.Parse("+"+d, phonenumbers.UNKNOWN_REGION)
}
