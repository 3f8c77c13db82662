package guardrail

import "bytes"

// digits joins the digits of groups i to j.
func (v *view) digits(i, j int) []byte {
	d := make([]byte, 0, 24)
	for k := i; k <= j; k++ {
		d = append(d, v.b[v.groups[k].start:v.groups[k].end]...)
	}
	return d
}

// isShape tells whether the groups from i on have these lengths.
func (v *view) isShape(i int, lens ...int) bool {
	if i+len(lens) > len(v.groups) {
		return false
	}
	for k, n := range lens {
		if v.groups[i+k].len() != n {
			return false
		}
	}
	return true
}

// standsAlone tells whether groups i to j are a number of their own: not the
// tail or head of a word, of a longer number, of a decimal or of a path.
func (v *view) standsAlone(i, j int) bool {
	start, end := v.groups[i].start, v.groups[j].end
	if v.wordBefore(start) && !v.labelBefore(start) || v.wordAfter(end) || v.at(start-1) == '+' {
		return false
	}
	if bytes.IndexByte([]byte("-./,:_$+@&%\\"), v.at(start-1)) >= 0 && isAlnum(v.at(start-2)) {
		return v.at(start-1) == ':' && !isDigit(v.at(start-2)) || v.labelBefore(start-1)
	}
	if v.at(start-1) == symCurrency || v.at(start-1) == '$' || v.at(end) == symCurrency || v.at(end) == '%' {
		return false
	}
	if bytes.IndexByte([]byte("-./,:_@"), v.at(end)) >= 0 && isAlnum(v.at(end+1)) {
		return false
	}
	// "123 45 6789 12": more groups of the same row.
	if j+1 < len(v.groups) && string(v.between(j)) == " " && i < j && v.at(v.groups[j].start-1) == ' ' {
		return false
	}
	return true
}

// labelBefore tells whether a word that says what the number is ends right before
// byte i: "cpf04608297856", "dni-17.145.815". Names of files begin with "doc" too.
func (v *view) labelBefore(i int) bool {
	s := i - v.wordLenBefore(i)
	if s == i || v.wordBefore(s) || oneOf(string(v.b[s:i]), "doc", "du", "ss", "rg", "id") {
		return false
	}
	sig := wordSignal(v.b[s:i])
	return sig == signalTax || sig == signalSSN || sig == signalCard
}

// stuckTo tells whether the word that names a code ends right before byte i:
// "ibanAT98…", "curpAUAC…".
func (v *view) stuckTo(label string, i int) bool {
	return i >= len(label) && string(v.b[i-len(label):i]) == label && !v.wordBefore(i-len(label))
}

// inURL tells whether byte i lies in a web address or a query string. It looks
// back no more than 256 bytes.
func (v *view) inURL(i int) bool {
	from := i
	for from > 0 && i-from < 256 && v.b[from-1] != ' ' && v.b[from-1] != '\n' {
		from--
	}
	token := v.b[from:i]
	if bytes.Contains(token, []byte("://")) || bytes.HasPrefix(token, []byte("www.")) {
		return true
	}
	slash := bytes.IndexByte(token, '/')
	return slash > 0 && bytes.IndexByte(token[:slash], '.') > 0 && isLetter(token[slash-1])
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1 annex B).
func luhn(d []byte) bool {
	sum := 0
	for i, c := range d {
		n := int(c - '0')
		if (len(d)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// isEAN checks the last digit of a product barcode (GS1: EAN-8, UPC-12,
// EAN-13, ISBN-13).
func isEAN(d []byte) bool {
	sum := 0
	for i, c := range d {
		n := int(c - '0')
		if (len(d)-i)%2 == 0 {
			n *= 3
		}
		sum += n
	}
	return sum%10 == 0
}

// isISBN10 checks the last digit of a book's number of ten digits (ISO 2108).
func isISBN10(d string) bool {
	sum := 0
	for i := range len(d) {
		sum += (10 - i) * int(d[i]-'0')
	}
	return len(d) == 10 && sum%11 == 0
}

// wordAt is the run of letters that begins at byte i, at most 16 bytes of it.
func (v *view) wordAt(i int) string {
	if i >= len(v.b) {
		return ""
	}
	e := i
	for e < len(v.b) && e-i < 16 && isLetter(v.b[e]) {
		e++
	}
	return string(v.b[i:e])
}

// wordLenBefore is how many letters stand right before byte i, at most 20 bytes.
func (v *view) wordLenBefore(i int) int {
	s := i
	for s > 0 && i-s < 20 && isLetter(v.b[s-1]) {
		s--
	}
	return i - s
}
