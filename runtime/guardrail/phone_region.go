package guardrail

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// region is a country and what tells quickly that digits are no number of it:
// reading them with libphonenumber costs ten times as much.
type region struct {
	code    string
	lens    uint32 // bit n: n digits may be a number there, with its prefixes or without
	general *phonenumbers.PhoneNumberDesc
	trunk   string // the prefix before national numbers, often "0"
	calling string // country code
	carrier bool   // other prefixes and carrier codes may stand before a number
	mended  bool   // digits inside a number are put elsewhere when it is read (Argentina's 15)
}

// mayBe tells whether d can be a number of the region in some writing.
func (r *region) mayBe(d string) bool {
	if r.lens&(1<<len(d)) == 0 {
		return false
	}
	if r.mended || phonenumbers.MatchNationalNumber(d, r.general, false) {
		return true
	}
	for k := 1; k <= 5 && k < len(d); k++ {
		if (r.carrier || d[:k] == r.trunk || d[:k] == r.calling) && phonenumbers.MatchNationalNumber(d[k:], r.general, false) {
			return true
		}
	}
	return false
}

// proof says what else a valid number must show.
type proof struct {
	mobile   bool // a mobile number, or one that could be
	prefix   bool // the trunk prefix ('0' in most of Europe) where it is customary
	grouping bool // grouped as in its country
}

// likelyRegions are asked when no word says that a number is a phone number;
// otherRegions when one does, or the grouping fits exactly.
func likelyRegions() []string {
	return strings.Fields("US ES MX BR AR CO CL PE GB DE FR IT PT IN")
}

func otherRegions() []string {
	return strings.Fields(`EC VE GT CR DO UY PY BO PA HN SV NI CU PR NL BE CH AT IE LU PL TR SE NO DK FI IS GR CY CZ SK HU RO BG
		HR RS SI BA AL LT LV EE UA RU BY KZ GE AM AZ IL PS AE SA QA KW BH OM JO LB IQ IR EG MA DZ TN LY NG KE ZA GH TZ UG ET SN CI CM AO MZ
		ID MY PH SG TH VN HK MO TW CN JP KR AU NZ PK BD LK NP KH MM CA`)
}

// newPhones prepares the search; hints are ISO 3166 codes.
func newPhones(hints []string) (*phones, error) {
	all := regionTable()
	p := &phones{}
	seen := map[string]bool{}
	for _, h := range hints {
		code := strings.ToUpper(strings.TrimSpace(h))
		r, ok := all[code]
		if !ok {
			return nil, fmt.Errorf("region %q is not known: use the two letters of a country, such as ES or US", h)
		}
		if !seen[code] {
			p.home = append(p.home, r)
		}
		seen[code] = true
	}
	pick := func(codes []string) (out []region) {
		for _, c := range codes {
			if r, ok := all[c]; ok && !seen[c] {
				out = append(out, r)
			}
		}
		return out
	}
	p.likely, p.rest = pick(likelyRegions()), pick(otherRegions())
	return p, nil
}

// regionTable reads the possible lengths of every country's numbers.
func regionTable() map[string]region {
	coll, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil // the data is part of the program and was read at its start
	}
	table := make(map[string]region, 250)
	for _, m := range coll.GetMetadata() {
		r := region{code: m.GetId(), general: m.GetGeneralDesc(), trunk: m.GetNationalPrefix(), calling: fmt.Sprint(m.GetCountryCode())}
		rule := m.GetNationalPrefixTransformRule()
		r.mended = rule != "" && isDigit(rule[0])
		r.carrier = m.GetNationalPrefixForParsing() != r.trunk
		for _, n := range m.GetGeneralDesc().GetPossibleLength() {
			if n < minPhoneDigits || n > maxPhoneDigits {
				continue
			}
			r.lens |= 1 << n
			r.lens |= 1<<(int(n)+len(r.calling)) | 1<<(int(n)+len(r.trunk))
			if r.carrier {
				r.lens |= 0b11110 << n // carrier codes and mobile marks before the number
			}
		}
		table[r.code] = r
	}
	return table
}

// RegionOf gives the ISO 3166 country of a number in international form with or
// without '+', as WhatsApp names its customers, or "".
func RegionOf(number string) string {
	num, err := parseAbroad(strings.TrimPrefix(number, "+"))
	if err != nil {
		return ""
	}
	if code := phonenumbers.GetRegionCodeForNumber(num); len(code) == 2 {
		return code
	}
	return ""
}

// anywhere: a phone word stands near, any country and any grouping will do.
func (p *phones) anywhere(w *window) bool {
	return match(p.home, w, proof{}) || match(p.likely, w, proof{}) || match(p.rest, w, proof{}) ||
		len(w.d) >= 10 && validAbroad(w.d)
}

// grouped: another word stands near, only the country's own grouping convinces.
func (p *phones) grouped(w *window) bool {
	return !w.likeThousands() && (match(p.home, w, proof{prefix: true, grouping: true}) || match(p.likely, w, proof{prefix: true, grouping: true}))
}

// bare: digits in one run and no word near.
func (p *phones) bare(w *window) bool {
	if len(w.d) < 9 {
		return len(w.d) == 8 && !isDay(w.d) && match(p.home, w, proof{mobile: true, prefix: true})
	}
	if match(p.home, w, proof{prefix: true}) || match(p.likely, w, proof{mobile: true, prefix: true}) {
		return true
	}
	if (w.d[0] == '0' && w.d[1] != '0' || len(w.d) == 11 && w.d[:2] == "89") && match(p.rest, w, proof{prefix: true}) {
		return true
	}
	if len(w.d) < 11 || w.d[0] == '0' {
		return false
	}
	num, err := parseAbroad(w.d)
	if err != nil || !isMobile(phonenumbers.GetNumberType(num)) {
		return false
	}
	code := phonenumbers.GetRegionCodeForNumber(num)
	return slices.ContainsFunc(p.home, func(r region) bool { return r.code == code }) ||
		slices.ContainsFunc(p.likely, func(r region) bool { return r.code == code })
}

// isDay: 20261123 and 23112026.
func isDay(d string) bool {
	return d[:2] == "20" && d[4:6] <= "12" && d[6:] <= "31" || d[4:6] == "20" && d[:2] <= "31" && d[2:4] <= "12"
}

// countryCodeFirst: 971 50 123 4567, the plus left out.
func (p *phones) countryCodeFirst(w *window) bool {
	if len(w.d) < 10 {
		return false
	}
	num, err := parseAbroad(w.d)
	return err == nil && len(fmt.Sprint(num.GetCountryCode())) == w.v.groups[w.i].len() && phonenumbers.GetNumberType(num) != phonenumbers.UNKNOWN
}

func isMobile(t phonenumbers.PhoneNumberType) bool {
	return t == phonenumbers.MOBILE || t == phonenumbers.FIXED_LINE_OR_MOBILE
}

// match tells whether one of the regions gives the number out.
func match(regions []region, w *window, need proof) bool {
	for i := range regions {
		r := &regions[i]
		if !r.mayBe(w.d) {
			continue
		}
		num, err := phonenumbers.ParseAndKeepRawInput(w.d, r.code)
		if err != nil {
			continue
		}
		t := phonenumbers.GetNumberType(num)
		if t == phonenumbers.UNKNOWN || need.mobile && !isMobile(t) {
			continue
		}
		if need.prefix && !phonenumbers.IsNationalPrefixPresentIfRequired(num) {
			continue
		}
		if need.grouping && !w.groupedAs(phonenumbers.Format(num, phonenumbers.NATIONAL)) {
			continue
		}
		return true
	}
	return false
}

// groupedAs tells whether the candidate is cut where its country cuts it, counted
// from the end. A trunk prefix (0, in places 1 or 8) may stand apart or not.
func (w *window) groupedAs(national string) bool {
	var theirs, ours uint32
	n := 0
	for i := len(national) - 1; i >= 0; i-- {
		if isDigit(national[i]) {
			n++
		} else if n > 0 {
			theirs |= 1 << n
		}
	}
	tail := 0
	for k := w.j; k > w.i; k-- {
		tail += w.v.groups[k].len()
		ours |= 1 << tail
	}
	prefix := uint32(0)
	if c := w.d[0]; c == '0' || c == '1' || c == '8' {
		prefix = 1 << (len(w.d) - 1)
	}
	return ours != 0 && ours&^prefix == theirs&^(1<<n)&^prefix
}
