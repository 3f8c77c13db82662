package guardrail

import "bytes"

// signal is what the words around a number say that it is.
type signal uint8

const (
	signalNone   signal = iota
	signalPhone         // "call me at", "móvil"
	signalOther         // "order", "factura", "#": an identifier or an amount
	signalCard          // "visa", "pago con"
	signalSSN           // "social security"
	signalTax           // "cpf", "nif"
	signalWeak          // "customer", "account": an identifier unless a phone word stands behind it
	signalNumber        // "number", "nº": of what, the word before says
	signalMine          // "my", as in "my number"
	signalIs            // "is", "es", as in "612345678 is my mobile"
)

const (
	contextBytes = 64 // how far to look back
	contextWords = 7
)

// contextOf says what the words around b[start:end] make of it; the nearest
// word that means something decides, those before it first.
func (v *view) contextOf(start, end int) signal {
	before := v.signalBefore(start)
	if before != signalNone && before != signalWeak {
		return before
	}
	if after := v.signalAfter(end); after != signalNone {
		return after
	}
	if before == signalWeak {
		return signalOther
	}
	return signalNone
}

// markerEnds tells whether a marker ends at byte i: its word belongs to the
// number that it stands for.
func (v *view) markerEnds(i int) bool {
	tail := v.b[max(0, i-len("[REDACTED_PHONE]")):i]
	return bytes.HasPrefix(tail[max(0, bytes.LastIndexByte(tail, '[')):], []byte("[redacted_"))
}

// lookBack walks from a number to the words before it.
type lookBack struct {
	v            *view
	start, limit int
	p            int // what lies from here to start was read
	words        int
	weak         bool // an account or customer was named
	number       bool // "number" was read: of what, or whose?
	counted      bool // "no." or "nº" stands next: one of many, unless a word before it says of what
	spent        bool // a small number stands next, and has the word before it
}

func (v *view) signalBefore(start int) signal {
	l := lookBack{v: v, start: start, p: start, limit: max(0, start-contextBytes)}
	for l.p > l.limit && l.words < contextWords {
		c := v.b[l.p-1]
		switch {
		case isLetter(c):
			if sig := l.word(); sig != signalNone {
				return sig
			}
		case isDigit(c):
			l.digits()
		case c == symPhone:
			return signalPhone
		case c == ']' && v.markerEnds(l.p):
			l.p = l.limit
		case c == '#' && l.words == 0 && start-l.p < 2:
			return v.signOfHash(l.p - 1)
		case l.words == 1 && l.number && c == '.' && v.wordLenBefore(l.p-1) <= 4:
			l.p-- // "tel. no."
		case l.words > 0 && endsSentence(v, l.p-1):
			l.p = l.limit
		default:
			l.p--
		}
	}
	switch {
	case l.counted:
		return signalOther
	case l.weak:
		return signalWeak
	}
	return signalNone
}

// word reads one word and gives what it decides, if it decides.
func (l *lookBack) word() signal {
	b, s, end := l.v.b, l.p, l.p
	for s > l.limit && isLetter(b[s-1]) {
		s--
	}
	sig := wordSignal(b[s:end])
	l.p = s
	if l.words++; l.counted && l.words > 3 {
		return signalOther // "llame por la cotización nº 5": too far away
	}
	if sig == signalOther && (l.spent || l.hasItsOwn(end)) {
		sig = signalNone // "table 5, 612345678": the word belongs to the 5
	}
	l.spent = false
	switch sig {
	case signalNumber:
		if l.words == 1 && l.v.at(s-1) == '/' {
			return signalOther // "P/N", "S/N"
		}
		if l.words == 1 && (l.v.at(end) == '.' || l.v.at(end) == symOrdinal) {
			l.counted = true
		}
		l.number = true
	case signalMine:
		if l.number && !l.weak {
			return signalPhone
		}
	case signalWeak:
		// "quiero hacer una compra, 612345678" says nothing of the number.
		l.weak = l.weak || l.words <= 4 && l.v.at(end) != ','
	case signalNone, signalIs:
	default:
		return sig
	}
	return signalNone
}

// hasItsOwn tells whether another number follows the word that ends at byte end:
// "mesa 12, a nombre de Ana, 612345678".
func (l *lookBack) hasItsOwn(end int) bool {
	at := end
	for at-end < 3 && (l.v.at(at) == ' ' || l.v.at(at) == ':' || l.v.at(at) == '#' || l.v.at(at) == '.' || l.v.at(at) == symOrdinal) {
		at++
	}
	last := at
	for isDigit(l.v.at(last)) {
		last++
	}
	return last > at && last < l.start && !l.v.sameRow(at, last, l.start)
}

// digits steps over another number, or stops at one that has its own words.
func (l *lookBack) digits() {
	s := l.p
	for s > 0 && isDigit(l.v.b[s-1]) {
		s--
	}
	if n := l.p - s; n >= 5 && !l.v.sameRow(s, l.p, l.start) {
		l.p = l.limit
		return
	} else if n < 5 && l.words == 0 {
		l.spent = true
	}
	l.p = s
}

// signOfHash: "SSN#123…" says what the number is, "#123…" only that it is one of
// many.
func (v *view) signOfHash(hash int) signal {
	e := hash
	for e > 0 && v.b[e-1] == ' ' {
		e--
	}
	s := e - v.wordLenBefore(e)
	if s < e {
		switch sig := wordSignal(v.b[s:e]); sig {
		case signalPhone, signalSSN, signalTax, signalCard:
			return sig
		}
	}
	return signalOther
}

// sameRow tells whether the number b[s:p] has as many digits as the one at
// start: "orders 12345678 and 87654321" share their context, an order number
// and the phone number after it do not.
func (v *view) sameRow(s, p, start int) bool {
	e := start
	for e < len(v.b) && isDigit(v.b[e]) {
		e++
	}
	return e-start == p-s
}

// endsSentence: a line end, '!' and '?' do; a full stop does before a blank.
func endsSentence(v *view, i int) bool {
	switch v.b[i] {
	case '\n', '!', '?', ';', '|':
		return true
	case '.':
		next := v.at(i + 1)
		return next == ' ' || next == '\n'
	}
	return false
}

// signalAfter reads "612345678 (mobile)" and "445566778 is my order number".
func (v *view) signalAfter(end int) signal {
	words, isSaid := 0, false
	for p := end; p < len(v.b) && p-end < 40 && words < 6; {
		c := v.b[p]
		switch {
		case isLetter(c):
			s := p
			for p < len(v.b) && isLetter(v.b[p]) {
				p++
			}
			switch sig := wordSignal(v.b[s:p]); sig {
			case signalIs:
				isSaid = isSaid || words == 0
			case signalNone, signalNumber, signalMine, signalWeak:
				if words == 0 && !isSaid {
					return signalNone
				}
			case signalPhone:
				return sig
			default:
				if isSaid {
					return sig
				}
				return signalNone
			}
			words++
		case c == symPhone && words == 0:
			return signalPhone
		case c == '(' && words == 0:
			isSaid = true
			p++
		case isDigit(c), c == ',', c == ')', c == '.', endsSentence(v, p):
			return signalNone
		default:
			p++
		}
	}
	return signalNone
}
