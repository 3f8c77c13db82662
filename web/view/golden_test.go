package view

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

var update = flag.Bool("update", false, "write testdata/golden from what the views render now")

// TestMain has the views tell the time in one zone, wherever the test runs.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	os.Exit(m.Run())
}

// rendered gives a view filled by a sampler, in a language.
func rendered(t *testing.T, name string, s sampler, language string) string {
	t.Helper()
	f := reflect.ValueOf(views[name])
	component, ok := f.Call(s.args(name, f.Type()))[0].Interface().(templ.Component)
	if !ok {
		t.Fatalf("%s is no view", name)
	}
	var b bytes.Buffer
	if err := component.Render(WithLanguage(context.Background(), language), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every view looks as it did when somebody last looked: with no data and with
// some. Of other texts and languages the file holds what else than that text is
// different, which is nothing where the view does what it should.
// go test ./web/view -run Golden -update writes the files.
func TestGolden(t *testing.T) {
	for name := range views {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "golden", name+".html")
			got := golden(t, name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v: -update writes it", err)
			}
			if got != string(want) {
				t.Errorf("%s is not as it was; if it is as it should be, -update keeps it:\n%s", name, changed(string(want), got))
			}
		})
	}
}

func golden(t *testing.T, name string) string {
	t.Helper()
	var b strings.Builder
	show := func(s sampler, language string) string {
		in := oneLine(s.text)
		escaped := strings.NewReplacer(in, "{text}", url.PathEscape(in), "{path}", url.QueryEscape(in), "{query}")
		return escaped.Replace(outline(t, rendered(t, name, s, language)))
	}
	some := show(sampler{text: plainText}, "en")
	fmt.Fprintf(&b, "== no data\n%s\n== some data\n%s", outline(t, rendered(t, name, sampler{none: true}, "en")), some)
	for _, other := range []struct{ what, text, language string }{
		{"4,000 characters", longText, "en"}, {"Arabic", arabicText, "en"}, {"HTML", htmlText, "en"}, {"es", plainText, "es"}, {"pt-BR", plainText, "pt-BR"},
	} {
		if lines := changed(some, show(sampler{text: other.text}, other.language)); lines != "" {
			fmt.Fprintf(&b, "\n== %s\n%s", other.what, lines)
		}
	}
	return b.String()
}

// changed are the lines of b that are not as in a, line by line; all of b where
// the lines do not fit each other.
func changed(a, b string) string {
	old, now := strings.Split(a, "\n"), strings.Split(b, "\n")
	if len(old) != len(now) {
		return fmt.Sprintf("(%d lines, %d before)\n%s", len(now), len(old), b)
	}
	var lines []string
	for i := range now {
		if now[i] != old[i] {
			lines = append(lines, strings.TrimSpace(now[i]))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// Every exported view is looked at.
func TestEveryViewIsLookedAt(t *testing.T) {
	exported := regexp.MustCompile(`(?m)^templ ([A-Z]\w*)\(`)
	names, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range exported.FindAllStringSubmatch(string(src), -1) {
			if _, ok := views[m[1]]; !ok {
				t.Errorf("%s: %s is in no golden file: give it a line in views", name, m[1])
			}
		}
	}
}
