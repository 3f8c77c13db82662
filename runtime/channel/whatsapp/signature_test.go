package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
)

func signed(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestVerifySignature(t *testing.T) {
	body := []byte(`{"text":"caf\u00e9 \/ \u0040"}`)
	good := signed("secret", body)
	digits := strings.TrimPrefix(good, "sha256=")
	for _, c := range []struct {
		name    string
		secrets []string
		header  string
		want    bool
	}{
		{"right", []string{"secret"}, good, true},
		{"upper case", []string{"secret"}, "sha256=" + strings.ToUpper(digits), true},
		{"second secret", []string{"new", "secret"}, good, true},
		{"beside an empty secret", []string{"", "secret"}, good, true},
		{"same secret twice", []string{"secret", "secret"}, good, true},
		{"other secret", []string{"other"}, good, false},
		{"no secret", nil, good, false},
		{"empty secret", []string{""}, signed("", body), false},
		{"no header", []string{"secret"}, "", false},
		{"no prefix", []string{"secret"}, digits, false},
		{"sha1", []string{"secret"}, "sha1=" + digits[:40], false},
		{"prefix in upper case", []string{"secret"}, "SHA256=" + digits, false},
		{"too short", []string{"secret"}, good[:len(good)-2], false},
		{"too long", []string{"secret"}, good + "00", false},
		{"odd length", []string{"secret"}, good[:len(good)-1], false},
		{"not hex", []string{"secret"}, good[:len(good)-1] + "g", false},
		{"blank before", []string{"secret"}, " " + good, false},
		{"blank behind", []string{"secret"}, good + " ", false},
		{"list", []string{"secret"}, good + "," + good, false},
	} {
		if got := VerifySignature(c.secrets, body, c.header); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	if VerifySignature([]string{"secret"}, append(body, ' '), good) {
		t.Error("a changed body passed")
	}
}

func TestVerifyChallenge(t *testing.T) {
	for _, c := range []struct {
		query, token, want string
		ok                 bool
	}{
		{"hub.mode=subscribe&hub.verify_token=tok&hub.challenge=1158201444", "tok", "1158201444", true},
		{"hub.mode=subscribe&hub.verify_token=tok&hub.challenge=%20a%2Bb%0A", "tok", " a+b\n", true},
		{"hub.mode=subscribe&hub.verify_token=tok2&hub.challenge=1", "tok", "", false},
		{"hub.mode=subscribe&hub.verify_token=&hub.challenge=1", "", "", false},
		{"hub.mode=subscribe&hub.challenge=1", "tok", "", false},
		{"hub.mode=unsubscribe&hub.verify_token=tok&hub.challenge=1", "tok", "", false},
		{"hub.verify_token=tok&hub.challenge=1", "tok", "", false},
		{"hub.mode=subscribe&hub.verify_token=tok", "tok", "", false},
		{"hub.mode=subscribe&hub.verify_token=tok&hub.challenge=", "tok", "", false},
		{"", "tok", "", false},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := VerifyChallenge(query, c.token); got != c.want || ok != c.ok {
			t.Errorf("%s: %q, %v", c.query, got, ok)
		}
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("secret", []byte("{}"), signed("secret", []byte("{}")))
	f.Add("secret", []byte("{}"), "sha256=")
	f.Add("", []byte(""), signed("", nil))
	f.Fuzz(func(t *testing.T, secret string, body []byte, header string) {
		want := secret != "" && strings.HasPrefix(header, "sha256=") &&
			"sha256="+strings.ToLower(strings.TrimPrefix(header, "sha256=")) == signed(secret, body)
		if got := VerifySignature([]string{secret}, body, header); got != want {
			t.Errorf("%q: %v", header, got)
		}
	})
}
