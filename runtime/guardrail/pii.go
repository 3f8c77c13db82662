package guardrail

import (
	"fmt"
	"slices"
	"strings"
)

// PIIOptions say what `pii_detection` looks for and what it then does.
type PIIOptions struct {
	// Action is "redact" (the default), "block" or "warn".
	Action string
	// Entities limits the search: EMAIL, PHONE, SSN, CC, IBAN, IP, ES_NIF, BR_CPF,
	// BR_CNPJ, AR_CUIT, AR_DNI, MX_CURP, MX_RFC; upper or lower case. Empty means
	// all of them.
	Entities []string
	// Regions are the ISO 3166 countries (two letters) where the customer
	// probably is: phone numbers written there without any other sign are
	// believed. RegionOf derives one from a WhatsApp number.
	Regions []string
}

// PIIRule is the rule's type in an agent's YAML.
const PIIRule = "pii_detection"

type pii struct {
	action string
	wanted [kindCount]bool
	phones *phones
}

// NewPII builds the check. It fails on an action, entity or region that it does
// not know, in a sentence for the owner of the file.
func NewPII(o PIIOptions) (Check, error) {
	p := &pii{action: strings.ToLower(o.Action)}
	if p.action == "" {
		p.action = "redact"
	}
	if !slices.Contains([]string{"redact", "block", "warn"}, p.action) {
		return nil, fmt.Errorf("action %q of %s is not known: use redact, block or warn", o.Action, PIIRule)
	}
	for _, name := range o.Entities {
		k, ok := kindOf(name)
		if !ok {
			return nil, fmt.Errorf("entity %q of %s is not known: use one of %s", name, PIIRule, strings.Join(Entities(), ", "))
		}
		p.wanted[k] = true
	}
	if len(o.Entities) == 0 {
		for k := range p.wanted {
			p.wanted[k] = true
		}
	}
	if !p.wanted[kindPhone] {
		return p, nil
	}
	var err error
	if p.phones, err = newPhones(o.Regions); err != nil {
		return nil, fmt.Errorf("%s: %w", PIIRule, err)
	}
	return p, nil
}

// kindOf reads an entity name as owners write it.
func kindOf(name string) (kind, bool) {
	switch name = strings.ToUpper(strings.TrimSpace(name)); name {
	case "CREDIT_CARD", "CARD":
		return kindCard, true
	case "PHONE_NUMBER":
		return kindPhone, true
	case "EMAIL_ADDRESS":
		return kindEmail, true
	case "IP_ADDRESS":
		return kindIP, true
	case "US_SSN":
		return kindSSN, true
	case "IBAN_CODE":
		return kindIBAN, true
	case "NIF", "NIE", "ES_NIE", "ES_DNI":
		return kindNIF, true
	case "CUIT", "CUIL", "AR_CUIL":
		return kindCUIT, true
	case "CURP":
		return kindCURP, true
	case "RFC":
		return kindRFC, true
	case "CPF":
		return kindCPF, true
	case "CNPJ":
		return kindCNPJ, true
	}
	for k := range kindCount {
		if k.entity() == name {
			return k, true
		}
	}
	return 0, false
}

// Rule implements Check.
func (p *pii) Rule() string { return PIIRule }

// Check implements Check. Redacting is repeated until nothing more is found, so
// a text that was redacted once passes unchanged: a marker can bring a word
// and a number closer together than they stood before.
func (p *pii) Check(text string) Verdict {
	v := Verdict{Action: Allow, Text: text, Findings: []Finding{}}
	var all []replacement
	for range 8 { // each round removes digits or an '@'; two are already rare
		out, edits := replace(text, all)
		fresh := p.find(out, edits)
		if len(fresh) == 0 {
			break
		}
		all = append(all, fresh...)
		slices.SortFunc(all, func(a, b replacement) int { return a.start - b.start })
		if p.action != "redact" {
			break
		}
	}
	for _, r := range all {
		v.Findings = append(v.Findings, Finding{Rule: PIIRule, Entity: entityOf(r.marker), Start: r.start, End: r.end})
	}
	if len(all) == 0 || p.action == "warn" {
		return v
	}
	if p.action == "block" {
		v.Action, v.Text, v.Rule = Block, "", PIIRule
		return v
	}
	v.Action = Rewrite
	v.Text, v.edits = replace(text, all)
	return v
}

// find searches a text in which edits already put markers, and gives what it
// finds as ranges of the text before those edits.
func (p *pii) find(text string, edits []edit) []replacement {
	var found []replacement
	view := fold(text)
	for _, s := range p.spans(view) {
		start, end := view.original(s.start, s.end)
		if touches(edits, start, end) {
			continue
		}
		start, end = unmap(edits, start, end)
		found = append(found, replacement{start: start, end: end, marker: s.kind.marker()})
	}
	return found
}

func touches(edits []edit, start, end int) bool {
	for _, e := range edits {
		if start < e.outEnd && end > e.outStart {
			return true
		}
	}
	return false
}

// spans runs the finders that are wanted and settles their disputes. Phones come
// last: what carries a checksum is no phone number, and need not be tried.
func (p *pii) spans(v *view) []span {
	finders := [kindPhone]func(*view) []span{
		kindIBAN: findIBANs, kindCard: findCards, kindEmail: findEmails, kindCNPJ: findCNPJs, kindCPF: findCPFs,
		kindCUIT: findCUITs, kindCURP: findCURPs, kindRFC: findRFCs, kindNIF: findNIFs, kindDNI: findDNIs, kindSSN: findSSNs, kindIP: findIPs,
	}
	var found []span
	for k, find := range finders {
		if p.wanted[k] || kind(k) == kindIBAN && (p.wanted[kindCard] || p.wanted[kindPhone]) {
			if hits := find(v); p.wanted[k] {
				found = append(found, hits...)
			}
		}
	}
	if p.wanted[kindPhone] && len(v.groups) > 0 {
		v.own(found)
		found = append(found, p.phones.find(v)...)
	}
	return settle(found)
}

func entityOf(marker string) string {
	for k := range kindCount {
		if k.marker() == marker {
			return k.entity()
		}
	}
	return ""
}
