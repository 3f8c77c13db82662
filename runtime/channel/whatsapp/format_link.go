package whatsapp

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLinkText bounds the search for the end of a link's words.
const maxLinkText = 2000

var domainPattern = regexp.MustCompile(`^(?:[\pL\pN-]+\.)+\pL{2,}(?:[/?#:].*)?$`)

// link reads [words](address "title"), rest beginning at the bracket; an image
// has a mark before it. What only looks like a link ("[1]", "a[i](x)") stays.
func (sc *scanner) link(rest string, before int) bool {
	words, size := bracketed(rest)
	if size == 0 || size >= len(rest) || rest[size] != '(' {
		return false
	}
	address, tail := destination(rest[size:])
	if tail == 0 || !looksLikeAddress(address) {
		return false
	}
	text := trimTokens(inline(words, true))
	address, shown := presentable(address)
	plain := plainText(text)
	switch {
	case strings.TrimSpace(plain) == "" && (!shown || sc.inLink):
		text = nil
	case strings.TrimSpace(plain) == "" || shown && sameAddress(plain, address) && !sc.inLink:
		text = []token{{kind: tokenSolid, text: address}}
	case shown && !sc.inLink:
		text = append([]token{{kind: tokenLink}}, text...)
		text = append(text, token{kind: tokenText, text: " ("}, token{kind: tokenSolid, text: address},
			token{kind: tokenText, text: ")"}, token{kind: tokenLinkEnd})
	}
	return sc.add(before+size+tail, text...)
}

// bracketed returns the words between a bracket and its partner, and the length
// of the whole.
func bracketed(s string) (words string, size int) {
	depth := 0
	for i := 0; i < len(s) && i < maxLinkText; i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return s[1:i], i + 1
			}
		}
	}
	return "", 0
}

// destination reads (address), (<address>) and (address "title"); tail is the
// length of it, 0 if it is none of them.
func destination(s string) (address string, tail int) {
	depth, end := 0, -1
	for i := 0; i < len(s) && i < 2*maxLinkText && end < 0; i++ {
		switch s[i] {
		case '\n':
			return "", 0
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				end = i
			}
		}
	}
	if end < 0 {
		return "", 0
	}
	address, title, _ := strings.Cut(strings.TrimSpace(s[1:end]), " ")
	if title = strings.TrimSpace(title); title != "" && !strings.ContainsAny(title[:1], `"'(`) {
		return "", 0
	}
	address = strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
	return html.UnescapeString(unescape(address)), end + 1
}

// unescape takes out the backslashes that models put before underscores.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(escapable, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func looksLikeAddress(s string) bool {
	lower := strings.ToLower(s)
	for _, start := range []string{"mailto:", "tel:", "javascript:", "data:", "sms:", "#", "/", "./", "../", "?"} {
		if strings.HasPrefix(lower, start) {
			return true
		}
	}
	return strings.Contains(s, "://") || strings.Contains(s, "@") || domainPattern.MatchString(s)
}

// presentable is the address as a reader can use it, and whether it is any use:
// an anchor or a path leads nowhere from a phone.
func presentable(s string) (address string, shown bool) {
	lower := strings.ToLower(s)
	for _, start := range []string{"mailto:", "tel:", "sms:"} {
		if strings.HasPrefix(lower, start) {
			return s[len(start):], len(s) > len(start)
		}
	}
	for _, start := range []string{"javascript:", "data:", "#", "/", "./", "../", "?"} {
		if strings.HasPrefix(lower, start) {
			return s, false
		}
	}
	return s, s != ""
}

func sameAddress(a, b string) bool {
	bare := func(s string) string {
		s = strings.ToLower(strings.TrimSpace(s))
		s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	compact := func(s string) string { return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(s) }
	return bare(a) == bare(b) || digitsOf(a) != "" && compact(a) == compact(b)
}

func plainText(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.kind == tokenText || t.kind == tokenSolid {
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// trimTokens cuts the white space inside a link's brackets.
func trimTokens(tokens []token) []token {
	if n := len(tokens); n > 0 {
		if tokens[0].kind == tokenText {
			tokens[0].text = strings.TrimLeft(tokens[0].text, " \n")
		}
		if tokens[n-1].kind == tokenText {
			tokens[n-1].text = strings.TrimRight(tokens[n-1].text, " \n")
		}
	}
	return tokens
}

// angledAddress reads <https://…> and <name@host>.
func angledAddress(s string) (address string, size int) {
	end := strings.IndexByte(s, '>')
	if end < 2 || end > maxLinkText {
		return "", 0
	}
	inner := s[1:end]
	if strings.ContainsAny(inner, " \n\t<\"") {
		return "", 0
	}
	lower := strings.ToLower(inner)
	switch {
	case strings.HasPrefix(lower, "http://"), strings.HasPrefix(lower, "https://"):
		return inner, end + 1
	case strings.HasPrefix(lower, "mailto:"), strings.HasPrefix(lower, "tel:"):
		return inner[strings.IndexByte(inner, ':')+1:], end + 1
	}
	if name, host, ok := strings.Cut(inner, "@"); ok && name != "" && domainPattern.MatchString(host) {
		return inner, end + 1
	}
	return "", 0
}

// addressLength is the length of the bare web address that s begins with, less
// the punctuation and the marks behind it; 0 if there is none.
func addressLength(s string) int {
	head := 0
	for _, start := range []string{"https://", "http://", "www."} {
		if len(s) > len(start) && strings.EqualFold(s[:len(start)], start) {
			head = len(start)
			break
		}
	}
	if head == 0 {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>\"`，。！？；：、）】」』“”", r)
	})
	if end < 0 {
		end = len(s)
	}
	opened := strings.Count(s[:end], "(")
	closed := strings.Count(s[:end], ")")
	for end > head {
		last, size := utf8.DecodeLastRuneInString(s[:end])
		switch {
		case strings.ContainsRune(".,;:!?'*_~]…·|", last):
		case last == ')' && closed > opened:
			closed--
		default:
			return end
		}
		end -= size
	}
	return 0
}
