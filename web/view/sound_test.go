package view

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Every view, whatever it is filled with and in every language: sound HTML that
// the policy of the dashboard allows, usable without eyes, translated, escaped.
func TestEveryViewIsSound(t *testing.T) {
	for name := range views {
		t.Run(name, func(t *testing.T) {
			for _, language := range Languages {
				for what, s := range map[string]sampler{
					"no data": {none: true}, "some data": {text: plainText}, "4,000 characters": {text: longText}, "Arabic": {text: arabicText}, "HTML": {text: htmlText},
				} {
					source := rendered(t, name, s, language)
					for _, fault := range faults(source, s.text) {
						t.Errorf("%s, %s: %s", language, what, fault)
					}
				}
			}
		})
	}
}

// faults is a sentence for each thing that a piece of HTML does wrong; text is
// what it was filled with.
func faults(source, text string) []string {
	p := piece{ids: map[string]bool{}, labels: map[string]bool{}, count: map[string]int{}, text: oneLine(text)}
	p.read(source)
	p.named()
	if strings.HasPrefix(source, "<!doctype html>") {
		p.nesting(source)
	}
	return p.faults
}

// piece is what is noted while it is read.
type piece struct {
	text     string
	ids      map[string]bool
	labels   map[string]bool // what they are for
	count    map[string]int  // of elements, as written
	controls []html.Token    // that need a name, and have none of their own
	faults   []string
}

func (p *piece) fault(what string) { p.faults = append(p.faults, what) }

func (p *piece) read(source string) {
	inLabel := false
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		token := z.Token()
		switch kind {
		case html.ErrorToken:
			return
		case html.TextToken:
			p.words(token.Data)
		case html.EndTagToken:
			inLabel = inLabel && token.Data != "label"
		case html.StartTagToken, html.SelfClosingTagToken:
			inLabel = inLabel || token.Data == "label"
			p.element(token, inLabel)
		}
	}
}

// element looks at one: the policy of the dashboard allows nothing inline.
func (p *piece) element(token html.Token, inLabel bool) {
	p.count[token.Data]++
	if token.Data == "style" || token.Data == "script" && attr(token, "src") == "" {
		p.fault("an inline " + token.Data)
	}
	for _, a := range token.Attr {
		if !strings.HasPrefix(a.Key, "data-") { // scripts fill the places of those
			p.words(a.Val)
		}
		switch {
		case a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on"):
			p.fault("an attribute " + a.Key)
		case strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:"):
			p.fault("a script as an address: " + a.Val)
		case a.Key == "id":
			// Of the forms of a page one fails at a time, and what waits has no tick: in a
			// sample everything is there at once.
			twice := p.ids[a.Val] && !strings.HasSuffix(a.Val, "-error") && !strings.HasPrefix(a.Val, "tick-")
			if twice {
				p.fault("two elements have the id " + a.Val)
			}
			p.ids[a.Val] = true
		}
	}
	switch token.Data {
	case "label":
		if to := attr(token, "for"); to != "" {
			p.labels[to] = true
		}
	case "input", "select", "textarea":
		if !inLabel && !slices.Contains([]string{"hidden", "submit", "button"}, attr(token, "type")) && !has(token, "hidden") {
			p.controls = append(p.controls, token)
		}
	case "img":
		if !has(token, "alt") {
			p.fault("a picture without words: " + token.String())
		}
	}
}

// named: every label is for a control that is there, every control has a name.
func (p *piece) named() {
	for to := range p.labels {
		if !p.ids[to] {
			p.fault("a label for " + to + ", which is not there")
		}
	}
	for _, c := range p.controls {
		id := attr(c, "id")
		if attr(c, "aria-label") == "" && attr(c, "aria-labelledby") == "" && (id == "" || !p.labels[id]) {
			p.fault("a control without a label: " + c.String())
		}
	}
}

var (
	unfilled = regexp.MustCompile(`\{\d\}`)
	stems    = func() *regexp.Regexp {
		names, _ := filepath.Glob("text/en/*.yaml") // none: the pattern then fits nothing, and a test of the texts fails
		for i, name := range names {
			names[i] = strings.TrimSuffix(filepath.Base(name), ".yaml")
		}
		return regexp.MustCompile(`\b(` + strings.Join(names, "|") + `)\.[a-z][a-z0-9]*_?[a-z0-9_]*`)
	}()
)

// words are what a person reads: no text's key, no place that was left open.
func (p *piece) words(text string) {
	rest := strings.ReplaceAll(oneLine(text), p.text, "")
	if p.text == "" {
		rest = text
	}
	for _, file := range []string{".agent.yaml", ".css", ".js"} {
		rest = strings.ReplaceAll(rest, file, "")
	}
	if key := stems.FindString(rest); key != "" && !strings.HasPrefix(rest, "/static/") {
		p.fault("a text that is in no file: " + key)
	}
	if open := unfilled.FindString(rest); open != "" && p.text != oneLine(htmlText) {
		p.fault("a place that nothing fills: " + rest)
	}
}

// nesting: a browser builds the tree that is written, and moves nothing out of a
// place where it may not be.
func (p *piece) nesting(source string) {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		p.fault(err.Error())
		return
	}
	built := map[string]int{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			built[n.Data]++
		}
	}
	for name, n := range p.count {
		if built[name] != n {
			p.fault("a browser does not build what is written: " + name)
		}
	}
}

func attr(token html.Token, key string) string {
	for _, a := range token.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(token html.Token, key string) bool {
	return slices.ContainsFunc(token.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// The checks find what they are for.
func TestUnsoundViewsAreFound(t *testing.T) {
	for source, want := range map[string]string{
		`<p style="color:red">x</p>`: "an attribute style", `<a onclick="x()">x</a>`: "an attribute onclick", `<script>x()</script>`: "an inline script", `<style>p{}</style>`: "an inline style",
		`<label for="a">x</label>`: "a label for a", `<input id="a">`: "a control without a label", `<p>log.search</p>`: "a text that is in no file", `<p>{0} things</p>`: "a place that nothing fills",
		`<a href=" JavaScript:x()">x</a>`: "a script as an address", `<img src="/x.png">`: "a picture without words",
		`<!doctype html><html><head></head><body><form><form></form></form></body></html>`: "a browser does not build what is written: form",
	} {
		if got := faults(source, ""); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
	if names, err := os.ReadDir("text/en"); err != nil || len(names) < 10 {
		t.Errorf("%d files of texts, %v", len(names), err)
	}
}
