package view

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// void elements have no end.
var void = strings.Fields("area base br col embed hr img input link meta source track wbr")

// hashed is the part of an asset's address that changes with its content.
var hashed = regexp.MustCompile(`(/static/[\w./-]+?)\.[0-9a-f]{8,}\.`)

// outline prints HTML with one tag or text a line, indented, and fails where a
// tag is not closed or closes another one. Of a whole page it prints the content:
// the frame around it is a view of its own.
func outline(t *testing.T, source string) string {
	t.Helper()
	var b strings.Builder
	var open []string
	z := html.NewTokenizer(strings.NewReader(source))
	line := func(text string) {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", len(open)), hashed.ReplaceAllString(text, "$1.HASH."))
	}
	for {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("not closed: %v", open)
			}
			return contentOf(b.String())
		case html.TextToken:
			if text := oneLine(token.Data); text != "" {
				line(text)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			line(tag(token))
			if kind == html.StartTagToken && !slices.Contains(void, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("</%s> closes %v:\n%s", token.Data, open, b.String())
			}
			open = open[:len(open)-1]
		}
	}
}

func tag(token html.Token) string {
	words := []string{token.Data}
	for _, a := range token.Attr {
		if a.Val == "" {
			words = append(words, a.Key)
		} else {
			words = append(words, a.Key+"="+oneLine(a.Val))
		}
	}
	return "<" + strings.Join(words, " | ") + ">"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// contentOf leaves out the frame of a page that has content of its own.
func contentOf(outline string) string {
	lines := strings.Split(outline, "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "<main | id=content") })
	if at < 0 {
		return outline
	}
	depth := func(l string) int { return len(l) - len(strings.TrimLeft(l, " ")) }
	end := at + 1
	for end < len(lines) && depth(lines[end]) > depth(lines[at]) {
		end++
	}
	if end == at+1 {
		return outline // the frame itself
	}
	var b strings.Builder
	for _, l := range lines[at+1 : end] {
		b.WriteString(l[depth(lines[at])+1:] + "\n")
	}
	return b.String()
}
