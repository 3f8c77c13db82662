package guardrail

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// writings are ways in which people write a number.
func writings(n *phonenumbers.PhoneNumber) map[string]string {
	abroad := phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
	national := phonenumbers.Format(n, phonenumbers.NATIONAL)
	return map[string]string{
		"e164":       phonenumbers.Format(n, phonenumbers.E164),
		"abroad":     abroad,
		"dots":       strings.ReplaceAll(abroad, " ", "."),
		"dashes":     strings.ReplaceAll(abroad, " ", "-"),
		"00":         "00" + abroad[1:],
		"brackets":   "(" + strings.Replace(abroad, " ", ") ", 1),
		"rfc3966":    phonenumbers.Format(n, phonenumbers.RFC3966),
		"national":   national,
		"in a run":   phonenumbers.NormalizeDigitsOnly(national),
		"wide space": strings.ReplaceAll(abroad, " ", "\u00a0"),
	}
}

// TestPhonesOfTheWorld writes libphonenumber's example numbers of every country
// as people do, and counts how many are found whole.
func TestPhonesOfTheWorld(t *testing.T) {
	hit, all, countries := map[string]int{}, map[string]int{}, map[string]bool{}
	misses := map[string][]string{}
	count := func(how, region, text string, c Check) {
		all[how]++
		if v := c.Check(text); len(v.Findings) == 1 && strings.Count(v.Text, "PHONE") == 1 && !strings.ContainsAny(v.Text, "0123456789") {
			hit[how]++
			countries[region] = true
		} else {
			misses[how] = append(misses[how], region+" "+text+" => "+v.Text)
		}
	}
	plain := newPII(t, PIIOptions{})
	for _, code := range append(likelyRegions(), otherRegions()...) {
		home := newPII(t, PIIOptions{Regions: []string{code}})
		for _, typ := range []phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE} {
			n := phonenumbers.GetExampleNumberForType(code, typ)
			if n == nil {
				continue
			}
			for how, text := range writings(n) {
				// Eight digits of a fixed line in one run are more often an order number.
				if how != "in a run" || typ == phonenumbers.MOBILE {
					count(how+", customer's country known", code, "Hola, "+text+" gracias", home)
				}
				count(how+", a word before", code, "my phone is "+text, plain)
			}
			count("abroad, nothing known", code, writings(n)["abroad"], plain)
			count("e164, nothing known", code, writings(n)["e164"], plain)
		}
	}
	for how := range all {
		floor(t, how, hit[how], all[how], 0.97)
		for i := 0; i < len(misses[how]) && i < 6; i++ {
			t.Log("   missed ", misses[how][i])
		}
	}
	if len(countries) < 100 {
		t.Errorf("only %d countries", len(countries))
	}
}
