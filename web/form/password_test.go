package form

import (
	"net/url"
	"strings"
	"testing"
)

func TestAccount(t *testing.T) {
	good := "carrots and 7 peas"
	for name, c := range map[string]struct{ name, password, field, problem string }{
		"good":              {"Ana", good, "", ""},
		"ten characters":    {"Ana", "abcdefghij", "", ""},
		"ten letters, wide": {"Ana", "ñandúéíóáü", "", ""},
		"white space kept":  {"Ana", "  a b c d  ", "", ""},
		"nine":              {"Ana", "abcdefghi", "password", "password.short"},
		"none":              {"Ana", "", "password", "password.empty"},
		"one letter":        {"Ana", "aaaaaaaaaaaa", "password", "password.plain"},
		"the name":          {"Carlos Diaz", "carlos diaz1", "password", "password.like_name"},
		"a book":            {"Ana", strings.Repeat("abcd", 51), "password", "password.long"},
		"no name":           {"  ", good, "name", "password.name_empty"},
		"a long name":       {strings.Repeat("a", 61), good, "name", "password.name_odd"},
		"a line break":      {"An\na", good, "name", "password.name_odd"},
		"bytes":             {"An\xff", good, "name", "password.name_odd"},
	} {
		f := BindAccount(url.Values{"name": {c.name}, "password": {c.password}})
		if ok := f.Validate(); ok != (c.problem == "") || f.Errors[c.field] != c.problem {
			t.Errorf("%s: %v", name, f.Errors)
		}
	}
}

func TestNewPassword(t *testing.T) {
	f := BindNewPassword(url.Values{"password": {"carrots and peas"}})
	if f.Validate() || f.Errors["old"] != "password.old_empty" {
		t.Errorf("without the old one: %v", f.Errors)
	}
	if f.ID = 7; !f.Validate() {
		t.Errorf("an owner need not know it: %v", f.Errors)
	}
	if f.New = "short"; f.Validate() || f.Errors["password"] != "password.short" {
		t.Errorf("short: %v", f.Errors)
	}
}
