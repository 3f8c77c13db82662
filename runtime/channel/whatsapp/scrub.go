package whatsapp

import (
	"regexp"
	"strings"
)

var (
	phonePattern = regexp.MustCompile(`\+?\d(?:[ ().-]{0,2}\d){6,}`)
	tokenPattern = regexp.MustCompile(`\bEAA[A-Za-z0-9]{8,}|(?i:bearer) +[^\s"']+|access_token=[^\s&"']+`)
)

// scrub takes out of Meta's words what must not be logged or shown: runs of
// seven or more digits (phone numbers, and ids that may hold one) and access
// tokens. Error codes have at most six digits and stay.
func scrub(s string) string {
	if s == "" {
		return ""
	}
	s = tokenPattern.ReplaceAllString(s, "[secret]")
	if strings.ContainsAny(s, "0123456789") {
		s = phonePattern.ReplaceAllString(s, "[number]")
	}
	return strings.ToValidUTF8(cutRunes(s, 600), "\uFFFD")
}
