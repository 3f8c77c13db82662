package guardrail

import (
	"bytes"
	"net/netip"
)

// findIPs looks for addresses of both versions; net/netip has the last word.
func findIPs(v *view) []span {
	return append(findIPv4(v), findIPv6(v)...)
}

func findIPv4(v *view) []span {
	var found []span
	for i := 0; i+3 < len(v.groups); i++ {
		start, end := v.groups[i].start, v.groups[i+3].end
		if end-start > 15 || string(v.between(i)) != "." || string(v.between(i+1)) != "." || string(v.between(i+2)) != "." {
			continue
		}
		before, after := v.at(start-1), v.at(end)
		if v.wordBefore(start) && !v.stuckTo("ip", start) || v.wordAfter(end) || (before == '.' || before == '-' || before == ',') && isAlnum(v.at(start-2)) && !v.stuckTo("ip", start-1) ||
			(after == '.' || after == '-' || after == ',') && isDigit(v.at(end+1)) {
			continue
		}
		if a, err := netip.ParseAddr(string(v.b[start:end])); err == nil && !a.IsUnspecified() && !isVersion(v, start) {
			found = append(found, span{kindIP, start, end})
			i += 3
		}
	}
	return found
}

// isVersion tells whether a word such as "version" or "section" stands before.
func isVersion(v *view, start int) bool {
	p := start
	for p > 0 && (v.b[p-1] == ' ' || v.b[p-1] == ':' || v.b[p-1] == '.' || v.b[p-1] == symOrdinal) {
		p--
	}
	e := p
	for p > 0 && isLetter(v.b[p-1]) {
		p--
	}
	switch string(v.b[p:e]) {
	case "v", "ver", "vers", "version", "versione", "versao", "versio", "firmware", "fw", "release", "rel", "build", "update", "ios", "android",
		"software", "app", "section", "seccion", "secao", "sezione", "abschnitt", "kapitel", "chapter", "capitulo", "chapitre", "article",
		"articulo", "apartado", "punto", "anexo", "rev", "revision", "chrome", "windows", "whatsapp", "clause", "clausula",
		"fig", "figure", "figura", "abb", "art", "cap", "tabla", "table", "tabela":
		return true
	}
	return false
}

// findIPv6 reads runs of hexadecimal digits, colons and dots.
func findIPv6(v *view) []span {
	var found []span
	for i := 0; ; {
		next := bytes.IndexByte(v.b[i:], ':')
		if next < 0 {
			return found
		}
		colon := i + next
		start, end := colon, colon
		for start > i && isHex(v.b[start-1]) {
			start--
		}
		for end < len(v.b) && (isHex(v.b[end]) || v.b[end] == ':' || v.b[end] == '.') {
			end++
		}
		i = end
		if start < colon && v.wordBefore(start) || start == colon && v.wordBefore(colon) {
			start = colon + 1 // "IPv6:2001:db8::1", "ip:2001:db8::1": a word and its colon
		}
		for end > start && (v.b[end-1] == '.' || v.b[end-1] == ':' && v.at(end-2) != ':') {
			end--
		}
		if isIPv6(v, start, end) {
			found = append(found, span{kindIP, start, end})
		}
	}
}

func isIPv6(v *view, start, end int) bool {
	token := v.b[start:end]
	if len(token) < 3 || len(token) > 45 || bytes.Count(token, []byte(":")) < 2 || v.wordBefore(start) || v.wordAfter(end) {
		return false
	}
	if c := v.at(start - 1); c == '.' || c == ':' && !isAlnum(v.at(start-2)) {
		return false
	}
	// "ab::cd" is more often a name in a program than an address.
	digits := bytes.ContainsAny(token, "0123456789")
	fields := bytes.Count(token, []byte(":"))
	if !digits || fields < 3 && bytes.IndexByte(token, ':') != 4 && token[0] != ':' {
		return false
	}
	a, err := netip.ParseAddr(string(token))
	return err == nil && !a.IsUnspecified()
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' }
