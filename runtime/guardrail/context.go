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

func (v *view) signalBefore(start int) signal {
	words, weak, number := 0, false, false
	limit := max(0, start-contextBytes)
	for p := start; p > limit && words < contextWords; {
		c := v.b[p-1]
		switch {
		case isLetter(c):
			s := p
			for s > limit && isLetter(v.b[s-1]) {
				s--
			}
			sig := wordSignal(v.b[s:p])
			switch sig {
			case signalNumber:
				if words == 0 && (v.at(p) == '.' || v.at(p) == symOrdinal) {
					return signalOther
				}
				number = true
			case signalMine:
				if number && !weak {
					return signalPhone
				}
			case signalWeak:
				weak = true
			case signalNone, signalIs:
			default:
				return sig
			}
			words++
			p = s
		case isDigit(c):
			s := p
			for s > 0 && isDigit(v.b[s-1]) {
				s--
			}
			if p-s >= 5 && !v.sameRow(s, p, start) {
				p = limit
				break
			}
			p = s
		case c == '#' && words == 0 && start-p < 2:
			return v.signOfHash(p - 1)
		case endsSentence(v, p-1) && words > 0:
			p = limit
		default:
			p--
		}
	}
	if weak {
		return signalWeak
	}
	return signalNone
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

// wordSignal looks a folded word up. Languages that build long words are
// served by the beginnings in stemSignal.
func wordSignal(w []byte) signal {
	if len(w) > 40 {
		w = w[len(w)-40:]
	}
	if w[0] >= 0x80 {
		return foreignSignal(w)
	}
	if s := phoneWord(string(w)); s != signalNone {
		return s
	}
	if s := otherWord(string(w)); s != signalNone {
		return s
	}
	if len(w) >= 5 {
		return stemSignal(w)
	}
	return signalNone
}

func stemSignal(w []byte) signal {
	for _, stem := range [...]string{"telef", "telep", "tlph", "phone", "whats", "watsap", "guasap", "handy", "mobil", "movil", "celul",
		"cellul", "smartph", "rufnum", "ruckruf", "anruf", "llam", "rappel", "joign", "contact", "contat", "kontakt", "richiam"} {
		if bytes.HasPrefix(w, []byte(stem)) {
			return signalPhone
		}
	}
	for _, stem := range [...]string{"bestell", "auftrag", "rechnung", "sendung", "kundenn", "vorgang", "artikel", "seriennum", "buchung",
		"vertrag", "matric", "referen", "factur", "fattur", "barcode", "barras", "tracking", "verifi"} {
		if bytes.HasPrefix(w, []byte(stem)) {
			return signalOther
		}
	}
	return signalNone
}

// foreignSignal is for scripts other than Latin; some write without blanks, so
// the word may stand anywhere in the run.
func foreignSignal(w []byte) signal {
	for _, s := range [...]string{"电话", "電話", "手机", "手機", "携帯", "联系", "拨打", "전화", "연락", "휴대", "тел", "звон", "мобил", "номер телефона",
		"هاتف", "جوال", "موبايل", "اتصل", "واتس", "טלפון", "נייד", "τηλ", "κινητ", "โทร", "เบอร์"} {
		if bytes.Contains(w, fold(s).b) {
			return signalPhone
		}
	}
	for _, s := range [...]string{"订单", "訂單", "单号", "編號", "编号", "注文", "주문", "заказ", "счет", "накладн", "трек", "طلب", "فاتورة", "הזמנה",
		"παραγγελ", "κωδικ"} {
		if bytes.Contains(w, fold(s).b) {
			return signalOther
		}
	}
	return signalNone
}
