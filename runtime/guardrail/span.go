package guardrail

import "slices"

// kind is an entity kind, the most specific first: of two equally long hits on
// the same bytes the lower one wins.
type kind uint8

const (
	kindIBAN kind = iota
	kindCard
	kindEmail
	kindCNPJ
	kindCPF
	kindCUIT
	kindCURP
	kindRFC
	kindNIF
	kindDNI
	kindSSN
	kindIP
	kindPhone
	kindCount
)

// entity is the kind's name in findings and in `entities` of the YAML.
func (k kind) entity() string {
	return [kindCount]string{"IBAN", "CC", "EMAIL", "BR_CNPJ", "BR_CPF", "AR_CUIT", "MX_CURP", "MX_RFC", "ES_NIF", "AR_DNI", "SSN", "IP", "PHONE"}[k]
}

// marker is what stands in the text instead of the find.
func (k kind) marker() string {
	return [kindCount]string{"[REDACTED_IBAN]", "[REDACTED_CC]", "[REDACTED_EMAIL]", "[REDACTED_CNPJ]", "[REDACTED_CPF]", "[REDACTED_CUIT]",
		"[REDACTED_CURP]", "[REDACTED_RFC]", "[REDACTED_NIF]", "[REDACTED_DNI]", "[REDACTED_SSN]", "[REDACTED_IP]", "[REDACTED_PHONE]"}[k]
}

// span is a hit in folded bytes.
type span struct {
	kind       kind
	start, end int
}

// own marks the groups inside finds that are proven by a checksum, or inside an
// e-mail address. An SSN or an IP address may still turn out to be a longer
// phone number.
func (v *view) own(found []span) {
	v.owned = make([]bool, len(v.groups))
	for _, s := range slices.Concat(found, v.wrong) {
		if s.kind == kindSSN || s.kind == kindIP {
			continue
		}
		i, _ := slices.BinarySearchFunc(v.groups, s.start, func(g group, at int) int { return g.start - at })
		for ; i < len(v.groups) && v.groups[i].start < s.end; i++ {
			v.owned[i] = true
		}
	}
}

// settle keeps the longest of overlapping hits, the more specific of equally
// long ones, and returns them in the order of the text.
func settle(spans []span) []span {
	if len(spans) < 2 {
		return spans
	}
	slices.SortFunc(spans, func(a, b span) int {
		if d := (b.end - b.start) - (a.end - a.start); d != 0 {
			return d
		}
		if a.kind != b.kind {
			return int(a.kind) - int(b.kind)
		}
		return a.start - b.start
	})
	var tree taken
	kept := spans[:0]
	for _, s := range spans {
		if tree.claim(s.start, s.end) {
			kept = append(kept, s)
		}
	}
	slices.SortFunc(kept, func(a, b span) int { return a.start - b.start })
	return kept
}

// taken is the set of claimed ranges, sorted by start.
type taken [][2]int

// claim adds [start,end) unless it touches a range claimed before.
func (t *taken) claim(start, end int) bool {
	i, _ := slices.BinarySearchFunc(*t, start, func(r [2]int, s int) int { return r[0] - s })
	if i < len(*t) && (*t)[i][0] < end {
		return false
	}
	if i > 0 && (*t)[i-1][1] > start {
		return false
	}
	*t = slices.Insert(*t, i, [2]int{start, end})
	return true
}
