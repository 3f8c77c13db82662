package config

import (
	"fmt"
	"net/url"
	"strings"
)

// where is the place of a path: of its value, else of the key in front of what
// it lies in, so that "is missing" points at what it is missing from.
func (d *decoder) where(path string) place {
	if at := d.values[path]; at.known() {
		return at
	}
	for path != "" {
		if at := d.keys[path]; at.known() {
			return at
		}
		path = parent(path)
		if at := d.values[path]; at.known() && strings.HasSuffix(path, "]") {
			return at
		}
	}
	if at := d.values[""]; at.known() {
		return at
	}
	return place{1, 1}
}

// has tells whether the file gives a value for a path.
func (d *decoder) has(path string) bool { return d.values[path].known() }

func (d *decoder) errorf(path, format string, args ...any) {
	d.addAt(d.where(path), Error, fmt.Sprintf(format, args...))
}

func (d *decoder) warnf(path, format string, args ...any) {
	d.addAt(d.where(path), Warning, fmt.Sprintf(format, args...))
}

// word shows a value in a sentence, never what came from a variable.
func (d *decoder) word(path, value string) string {
	if _, changed := d.written[path]; changed {
		return d.fromVariable(path)
	}
	return quote(value)
}

// choice checks a value against the words allowed and warns of a word that this
// release does not act on. An empty value is left to its default.
func (d *decoder) choice(path, value, what string, allowed []string) bool {
	if value == "" && !d.has(path) {
		return true
	}
	if !contains(allowed, value) {
		d.errorf(path, "%s is not a %s: it is %s%s", d.word(path, value), what, oneOf(allowed), didYouMean(value, allowed))
		return false
	}
	if contains(wordsForLater(), value) {
		d.notYet(path, value)
	}
	return true
}

// notYet says once per name that a release does not act on something.
func (d *decoder) notYet(path, name string) {
	if !d.later[name] {
		d.later[name] = true
		d.addAt(d.keyPlace(path), Warning, name+" is read but not acted on in this release")
	}
}

// keyPlace is where the key of a path stands, or its value in a list.
func (d *decoder) keyPlace(path string) place {
	if at := d.keys[path]; at.known() {
		return at
	}
	return d.where(path)
}

// positive refuses a zero that somebody wrote: it would otherwise mean "the
// default", which is not what is written.
func (d *decoder) positive(path string, n int) {
	if n == 0 && d.has(path) && !d.failed(path) {
		d.errorf(path, "%s must be more than 0", path)
	}
}

// duration is positive for a span of time.
func (d *decoder) duration(path string, span Duration) {
	if span == 0 {
		d.positive(path, 0)
	}
}

// failed tells whether a value already has an error of its own.
func (d *decoder) failed(path string) bool {
	at := d.values[path]
	for _, p := range d.problems {
		if p.Severity == Error && p.Line == at.line && p.Col == at.col {
			return true
		}
	}
	return false
}

// address checks a server's base URL.
func (d *decoder) address(path, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		d.errorf(path, "%s is not an address of a server; write it like http://127.0.0.1:11434", d.word(path, value))
	}
}

// header checks apiVersion and kind. Files other than an agent's may leave them out.
func (d *decoder) header(apiVersion, kind, wantKind string, required bool) {
	const version, old = "astromesh/v1", "astromech/v1"
	switch {
	case apiVersion == version, apiVersion == "" && !required:
	case apiVersion == "":
		d.errorf("apiVersion", "apiVersion is missing; write apiVersion: %s", version)
	case apiVersion == old:
		d.warnf("apiVersion", "%s is the old spelling; write %s", old, version)
	default:
		d.errorf("apiVersion", "%s is not a version this program knows; write %s", d.word("apiVersion", apiVersion), version)
	}
	switch {
	case kind == wantKind, kind == "" && !required:
	case kind == "":
		d.errorf("kind", "kind is missing; write kind: %s", wantKind)
	default:
		d.errorf("kind", "%s is not what belongs here; write kind: %s", d.word("kind", kind), wantKind)
	}
}
