package view

import (
	"context"

	"astromesh/web/form"
)

// Meta is the form of the credentials.
type Meta struct {
	Form        form.Meta
	Fields      map[string]SavedField
	Back        string // the page's own address
	Callback    string // to paste at Meta; "" while the public address is not known
	Way         string // in, if it knows the public address by itself: tunnel or domain
	VerifyToken string // to paste at Meta, until Meta has used it
}

// SavedField is what may be shown of a value that is saved.
type SavedField struct {
	Saved   bool   // of a secret
	Last    string // its last four characters
	Value   string // of what is no secret
	Outside bool
}

// MetaRow is one thing that was looked at: ok, warn, fail, or none where it
// cannot be known yet.
type MetaRow struct {
	State, Key, Code string
	Args             []any
}

// MetaCheck is what Meta says now.
type MetaCheck struct {
	Rows         []MetaRow
	CanSubscribe bool
	Back         string
}

// MetaFault is why Meta did not do something.
type MetaFault struct{ Key, Code, Words string }

// typed is what the field shows: as typed, else as saved.
func typed(value string, saved SavedField) string {
	if value != "" {
		return value
	}
	return saved.Value
}

// savedHint says what is there of a secret that is never shown.
func savedHint(ctx context.Context, f SavedField) string {
	switch {
	case f.Outside:
		return T(ctx, "meta.given", f.Last)
	case f.Saved && f.Last == "":
		return T(ctx, "meta.saved_short")
	case f.Saved:
		return T(ctx, "meta.saved", f.Last)
	default:
		return T(ctx, "meta.missing")
	}
}

// place is where a value stands in Meta's pages. The words on the drawing are
// Meta's own.
type place struct {
	menu    []string // the entries beside the page; the last one is open
	heading string
	lines   []string // beside what is looked for
	button  string
}

var places = map[string]place{
	"access_token":    {[]string{"Users", "System users"}, "System users", []string{"astromesh"}, "Generate token"},
	"phone_number_id": {[]string{"WhatsApp", "API Setup"}, "From", []string{"Phone number ID", "1065 4035 …"}, ""},
	"waba_id":         {[]string{"WhatsApp", "API Setup"}, "From", []string{"WhatsApp Business", "Account ID  1029 …"}, ""},
	"app_secret":      {[]string{"App settings", "Basic"}, "Basic", []string{"App secret  ••••••"}, "Show"},
	"app_id":          {[]string{"Dashboard"}, "App ID: 1123 …", nil, ""},
	"webhook":         {[]string{"WhatsApp", "Configuration"}, "Webhook", []string{"Callback URL", "Verify token"}, "Verify and save"},
}

func markOf(state string) string {
	return map[string]string{"ok": "✓", "warn": "!", "fail": "✗", "none": "·"}[state]
}
