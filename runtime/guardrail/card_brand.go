package guardrail

// prefix is a range of leading digits and the lengths that go with it.
type prefix struct {
	lo, hi int // of equal digit count
	digits int // how many digits lo and hi have
	min    int // shortest number
	max    int // longest number
}

// cardPrefixes are the issuer ranges in use (ISO/IEC 7812; each brand's own
// publication of its ranges and lengths).
func cardPrefixes() [30]prefix {
	return [...]prefix{
		{4, 4, 1, 16, 16}, {4, 4, 1, 13, 13}, {4, 4, 1, 19, 19}, // Visa, Electron, Dankort, most of Elo
		{51, 55, 2, 16, 16}, {2221, 2720, 4, 16, 16}, // Mastercard
		{34, 34, 2, 15, 15}, {37, 37, 2, 15, 15}, // American Express
		{300, 305, 3, 14, 19}, {3095, 3095, 4, 14, 19}, {36, 36, 2, 14, 19}, {38, 39, 2, 14, 19}, // Diners Club
		{6011, 6011, 4, 16, 19}, {644, 649, 3, 16, 19}, {65, 65, 2, 16, 19}, // Discover, part of RuPay and Elo
		{3528, 3589, 4, 16, 19},                  // JCB
		{62, 62, 2, 16, 19}, {81, 82, 2, 16, 19}, // UnionPay, RuPay
		{5018, 5020, 4, 12, 19}, {5038, 5038, 4, 12, 19}, {5893, 5893, 4, 12, 19}, {56, 58, 2, 16, 19}, // Maestro
		{6304, 6304, 4, 12, 19}, {6759, 6763, 4, 12, 19}, {637, 639, 3, 16, 16}, // Maestro, InstaPayment
		{2200, 2204, 4, 16, 19}, {9792, 9792, 4, 16, 16}, // Mir, Troy
		{5041, 5067, 4, 16, 19}, {508, 509, 3, 16, 16}, // Elo, Verve, RuPay
		{60, 60, 2, 16, 19},     // Hipercard, Cabal, RuPay
		{6277, 6363, 4, 16, 16}, // Elo
	}
}

// cardBrand tells whether a brand issues numbers that begin and end so.
func cardBrand(d []byte) bool {
	for _, p := range cardPrefixes() {
		if len(d) < p.min || len(d) > p.max {
			continue
		}
		head := 0
		for _, c := range d[:p.digits] {
			head = head*10 + int(c-'0')
		}
		if head >= p.lo && head <= p.hi {
			return true
		}
	}
	return false
}
