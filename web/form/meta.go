package form

import (
	"net/url"
	"strings"
)

// Meta is what connects to a WhatsApp number. A secret that is left empty stays
// as it is saved: it is never sent back to be shown.
type Meta struct {
	AccessToken, AppSecret, VerifyToken string
	PhoneNumberID, WABAID, AppID        string
	PublicURL                           string // where Meta reaches this program: "https://shop.example"
	Anyway                              bool   // take a token that ends soon
	Errors                              Errors
	Detail                              map[string]string // Meta's code behind a problem, by field
}

// BindMeta reads the form. What comes along when text is copied from a page is cut.
func BindMeta(v url.Values) Meta {
	trimmed := func(name string) string { return strings.TrimSpace(first(v, name)) }
	return Meta{
		AccessToken: strings.TrimSpace(strings.TrimPrefix(trimmed("access_token"), "Bearer ")), AppSecret: trimmed("app_secret"), VerifyToken: trimmed("verify_token"),
		PhoneNumberID: trimmed("phone_number_id"), WABAID: trimmed("waba_id"), AppID: trimmed("app_id"),
		PublicURL: strings.TrimRight(trimmed("public_url"), "/"), Anyway: first(v, "anyway") != "",
	}
}

// Validate fills Errors with what can be seen without asking Meta, and says
// whether there are none.
func (f *Meta) Validate() bool {
	f.Errors = Errors{}
	for field, value := range map[string]string{"access_token": f.AccessToken, "app_secret": f.AppSecret} {
		if value != "" && !onlyFrom(value, tokenSigns, 8, 1000) {
			f.Errors.add(field, "meta."+field+"_odd")
		}
	}
	if f.VerifyToken != "" && !onlyFrom(f.VerifyToken, printableSigns, 8, 200) {
		f.Errors.add("verify_token", "meta.verify_token_odd")
	}
	for field, value := range map[string]string{"phone_number_id": f.PhoneNumberID, "waba_id": f.WABAID, "app_id": f.AppID} {
		if value != "" && !onlyFrom(value, digits, 1, 30) {
			f.Errors.add(field, "meta."+field+"_odd")
		}
	}
	if f.PublicURL != "" && !isPublicURL(f.PublicURL) {
		f.Errors.add("public_url", "meta.public_url_odd")
	}
	return len(f.Errors) == 0
}

// Right is what of the form is free of problems. Where the token is wrong, what
// only the token can prove is not right either.
func (f Meta) Right() Meta {
	wrong := func(field string) bool { return f.Errors[field] != "" }
	for field, value := range map[string]*string{
		"access_token": &f.AccessToken, "app_secret": &f.AppSecret, "verify_token": &f.VerifyToken,
		"phone_number_id": &f.PhoneNumberID, "waba_id": &f.WABAID, "app_id": &f.AppID, "public_url": &f.PublicURL,
	} {
		proven := field != "verify_token" && field != "public_url"
		if wrong(field) || proven && wrong("access_token") {
			*value = ""
		}
	}
	return f
}

// AskAgain marks a secret that was neither kept nor found wrong, because the
// token that would have proved it is wrong: it is not sent back, and the empty
// field would look as if it had been taken.
func (f *Meta) AskAgain() {
	if f.AppSecret != "" && f.Errors["access_token"] != "" && f.Errors["app_secret"] == "" {
		f.Errors.add("app_secret", "meta.secret_again")
	}
}

const (
	digits     = "0123456789"
	tokenSigns = digits + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
	// printableSigns are those of an address that need no escaping in a form.
	printableSigns = tokenSigns + ".~!*'()@$,;:/?+="
)

func onlyFrom(s, signs string, least, most int) bool {
	return len(s) >= least && len(s) <= most && strings.Trim(s, signs) == "" && !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune(signs, r) })
}

// isPublicURL takes an https address without a path. One of this computer may be
// http: Meta refuses it, the emulator does not.
func isPublicURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || len(s) > 180 {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost")
}
