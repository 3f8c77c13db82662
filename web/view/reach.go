package view

import (
	"context"
	"strings"

	"astromesh/web/form"
)

// Reach is the page of the way in from the internet.
type Reach struct {
	Form       form.Reach
	Back       string // the page's own address
	Token      SavedField
	State      ReachState
	Caddy      string // lines for a proxy; "" while the public address is not known
	Nginx      string
	MetaCAFile string // where those lines look for Meta's authority; "" if they do not
}

// ReachState is how the way is doing.
type ReachState struct {
	Way, URL  string
	Rows      []ReachRow
	Opening   bool // it may change within seconds
	Trouble   bool
	CanCheck  bool
	CheckedAt string // time of day of the last live check
	Back      string
}

// ReachRow is one thing that is known: by a key of the texts, or in the
// program's own sentences.
type ReachRow struct {
	State, Key, Note string
	Args             []any
	Said             []string
}

func (r ReachRow) text(ctx context.Context) string {
	if r.Key != "" {
		return T(ctx, r.Key, r.Args...)
	}
	said := make([]string, 0, len(r.Said))
	for _, sentence := range r.Said {
		if sentence != "" {
			said = append(said, Said(ctx, sentence))
		}
	}
	return strings.Join(said, " ")
}

// reachOf is the page of the ways that belongs to a page of the credentials.
func reachOf(back string) string {
	if back == "/setup/meta" {
		return "/setup/reachability"
	}
	return "/settings/reachability"
}

// wayKey is a way as the texts' keys have it.
func wayKey(way string) string {
	if way == "" {
		return "none"
	}
	return way
}
