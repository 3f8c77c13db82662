package form

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

func TestMeta(t *testing.T) {
	token := "EAAG" + strings.Repeat("aZ9", 40)
	for name, c := range map[string]struct{ field, typed, problem string }{
		"token":                 {"access_token", token, ""},
		"token with Bearer":     {"access_token", " Bearer " + token + "\n", ""},
		"token cut":             {"access_token", "EAAG…", "meta.access_token_odd"},
		"token with space":      {"access_token", token[:30] + " " + token[30:], "meta.access_token_odd"},
		"token as header":       {"access_token", token + "\r\nX: y", "meta.access_token_odd"},
		"secret":                {"app_secret", "0123456789abcdef0123456789abcdef", ""},
		"secret hidden":         {"app_secret", "••••••••", "meta.app_secret_odd"},
		"verify token":          {"verify_token", "crumb-and-ember-2026", ""},
		"verify token short":    {"verify_token", "abc", "meta.verify_token_odd"},
		"verify token accents":  {"verify_token", "contraseña larga", "meta.verify_token_odd"},
		"number id":             {"phone_number_id", " 106540352242922 ", ""},
		"the number itself":     {"phone_number_id", "+34 600 111 222", "meta.phone_number_id_odd"},
		"a path":                {"phone_number_id", "../me", "meta.phone_number_id_odd"},
		"account":               {"waba_id", "x", "meta.waba_id_odd"},
		"app":                   {"app_id", "12a", "meta.app_id_odd"},
		"address":               {"public_url", "https://shop.example/", ""},
		"address with port":     {"public_url", "https://shop.example:8443", ""},
		"address here":          {"public_url", "http://127.0.0.1:8000", ""},
		"address without s":     {"public_url", "http://shop.example", "meta.public_url_odd"},
		"address with path":     {"public_url", "https://shop.example/v1/channels", "meta.public_url_odd"},
		"address with password": {"public_url", "https://a:b@shop.example", "meta.public_url_odd"},
		"no address":            {"public_url", "shop.example", "meta.public_url_odd"},
		"script":                {"public_url", "javascript:alert(1)", "meta.public_url_odd"},
	} {
		f := BindMeta(url.Values{c.field: {c.typed}})
		if ok := f.Validate(); ok != (c.problem == "") || f.Errors[c.field] != c.problem || len(f.Errors) > 1 {
			t.Errorf("%s: %v", name, f.Errors)
		}
	}
	if f := BindMeta(nil); !f.Validate() {
		t.Errorf("nothing typed leaves everything as it is: %v", f.Errors)
	}
}

func TestMetaRight(t *testing.T) {
	all := Meta{AccessToken: "t", AppSecret: "s", VerifyToken: "v", PhoneNumberID: "1", WABAID: "2", AppID: "3", PublicURL: "u"}
	for field, want := range map[string]Meta{
		"":                all,
		"phone_number_id": {AccessToken: "t", AppSecret: "s", VerifyToken: "v", WABAID: "2", AppID: "3", PublicURL: "u"},
		"access_token":    {VerifyToken: "v", PublicURL: "u"},
	} {
		f := all
		f.Errors = Errors{}
		f.Errors.add(field, "x")
		got := f.Right()
		if got.Errors = nil; !reflect.DeepEqual(got, want) {
			t.Errorf("%q is wrong: %+v", field, got)
		}
	}
}
