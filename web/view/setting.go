package view

import (
	"context"
	"slices"
	"strings"
	"time"

	"astromesh/web/form"

	"github.com/a-h/templ"
)

// SettingPage is the frame of one section of Settings.
type SettingPage struct {
	Page
	Section string
	Saved   string // what was just done, a key of setting.did_…
	Desktop bool   // somebody sits in front of the program: there is a section about the computer
}

// settingSections by address; staff see those that are about themselves.
var settingSections = []struct {
	name  string
	owner bool
}{
	{"whatsapp", true}, {"reachability", true}, {"channel", true}, {"operators", true}, {"retention", true}, {"backup", true}, {"account", false}, {"appearance", false}, {"computer", true}, {"about", true},
}

// didKinds are what a section may say was done; the address holds the word, and
// nothing else is shown.
var didKinds = []string{"saved", "password", "added", "removed", "self", "last", "subscribed", "untested", "backup", "deleted", "full", "backup_busy"}

func did(ctx context.Context, what string) string {
	if !slices.Contains(didKinds, what) {
		return ""
	}
	return T(ctx, "setting.did_"+what)
}

// didFail are those of didKinds that were not done.
func didFail(what string) bool {
	return what == "self" || what == "last" || what == "full" || what == "backup_busy" || what == "untested"
}

// Operator is one row of the list.
type Operator struct {
	ID    int64
	Name  string
	Owner bool
	Self  bool // who looks
	Last  bool // the only owner
	Since time.Time
}

// About is what the program is and what was changed in it.
type About struct {
	Version, DataDir string
	Changes          []Change
}

// Change is one row of the audit list.
type Change struct {
	At                           time.Time
	User, Action, Target, Detail string
}

// by is who changed it: an operator, or a part of the program.
func (c Change) by(ctx context.Context) string {
	if c.User == "the window" || c.User == "terminal" {
		return SaidOfChange(ctx, c.User)
	}
	return c.User
}

// Channel is the channel's form.
type Channel struct {
	Form      form.Channel
	Outside   map[string]bool
	Answering Answering
	Languages []string // of the texts
}

// Answering is which agent customers reach.
type Answering struct {
	Agents    []AgentName // to choose from
	Now       string
	File      string // that channels.yaml names; "" = it names none
	FileReady bool   // that one is in service
}

// chosen says that another agent answers than the file names.
func (a Answering) chosen() bool { return a.File != "" && a.File != a.Now }

// fieldKey is a key of channels.yaml as it stands in the texts' keys.
func fieldKey(key string) string { return strings.ReplaceAll(key, ".", "_") }

func (v Channel) attrs(key string) templ.Attributes {
	return templ.Attributes{"disabled": v.Outside[key], "inputmode": "decimal", "autocomplete": "off"}
}
