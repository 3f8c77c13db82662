package guardrail

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxEmail is the longest address that can be delivered to, in bytes (RFC 5321
// section 4.5.3.1.3); anything longer is no address but a run of text.
const maxEmail = 254

// findEmails looks around each '@' for a local part and a domain with a
// top-level name of letters. Names in any script count (RFC 6531).
func findEmails(v *view) []span {
	var found []span
	for at := 0; ; at++ {
		next := bytes.IndexByte(v.b[at:], '@')
		if next < 0 {
			return found
		}
		at += next
		start, end := emailStart(v.b, at), emailEnd(v.b, at+1)
		if start < at && end > at && end-start <= maxEmail {
			found = append(found, span{kindEmail, start, end})
		}
	}
}

// emailStart walks left over the local part. It stops where the script changes
// from one written without blanks: "邮箱是ana@x.com" begins at "ana".
func emailStart(b []byte, at int) int {
	i, ascii := at, false
	for i > 0 {
		c := b[i-1]
		if c < utf8.RuneSelf {
			if !isAlnum(c) && !bytes.ContainsRune([]byte("._%+-'&/=~!$*{|}^`?#"), rune(c)) {
				break
			}
			ascii = ascii || isAlnum(c)
			i--
			continue
		}
		r, size := utf8.DecodeLastRune(b[:i])
		if ascii && !joinsWords(r) {
			break
		}
		i -= size
	}
	for i < at && bytes.IndexByte([]byte("._%-'&/=~!$*{|}^`?#"), b[i]) >= 0 {
		i++
	}
	// "to=ana@x.com" and "mailto/ana@x.com" carry an address, not such a name.
	if cut := bytes.LastIndexAny(b[i:at], "=/?#!$*{|}`&"); cut >= 0 {
		i += cut + 1
	}
	return i
}

// emailEnd walks right over the labels of a domain and gives where the last
// good one ends, or -1.
func emailEnd(b []byte, from int) int {
	i, labelStart, good := from, from, -1
	for dots := 0; ; {
		next := domainRune(b, i, labelStart)
		if next > i {
			i = next
			continue
		}
		label := bytes.TrimRight(b[labelStart:i], "-")
		if len(label) == 0 || label[0] == '-' {
			return good
		}
		if dots > 0 && isTopLevel(label) {
			good = labelStart + len(label)
		}
		if i >= len(b) || b[i] != '.' {
			return good
		}
		dots++
		i++
		labelStart = i
	}
}

// domainRune gives where the label's next rune ends, or i at the label's end.
func domainRune(b []byte, i, labelStart int) int {
	if i >= len(b) {
		return i
	}
	if b[i] < utf8.RuneSelf {
		if isAlnum(b[i]) || b[i] == '-' {
			return i + 1
		}
		return i
	}
	r, size := utf8.DecodeRune(b[i:])
	if !joinsWords(r) && i > labelStart && b[labelStart] < utf8.RuneSelf {
		return i // "…@x.com请" ends before 请
	}
	if unicode.IsLetter(r) || unicode.Is(unicode.Mc, r) {
		return i + size
	}
	return i
}

// isTopLevel: two or more letters, or a name in punycode.
func isTopLevel(label []byte) bool {
	if bytes.HasPrefix(label, []byte("xn--")) {
		return true
	}
	for _, c := range label {
		if !isLetter(c) {
			return false
		}
	}
	return len(label) >= 2
}
