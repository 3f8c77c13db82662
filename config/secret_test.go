package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSecretNeverPrints(t *testing.T) {
	const value = "EAAG-very-secret"
	secret := Secret(value)
	var w WhatsApp
	w.AccessToken = secret
	inMap := map[string]Secret{"key": secret}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%08.3f", "%-40s", "%T", "%!"} {
		for _, v := range []any{secret, &secret, w, &w, []Secret{secret}, inMap, struct{ S any }{secret}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	fmt.Fprintln(&out, errors.Join(fmt.Errorf("token %s: %w", secret, errors.New(secret.String()))))
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("token", "secret", secret, "pointer", &secret, "channel", w, "map", inMap, "any", []any{secret})
	}
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, yaml.Marshal} {
		for _, v := range []any{secret, w, &w, []Secret{secret}, map[string]any{"a": secret}} {
			text, err := marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(text, []byte("***")) {
				t.Errorf("%s does not show that there is a secret", text)
			}
			out.Write(text)
		}
	}
	printed := out.String()
	for _, form := range []string{value, "very-secret", fmt.Sprintf("%x", value), fmt.Sprintf("%X", value)} {
		if i := strings.Index(printed, form); i >= 0 {
			t.Errorf("printed: %q", printed[max(i-60, 0):i+len(form)])
		}
	}
	if secret.Reveal() != value {
		t.Error("Reveal changes the value")
	}
	if Secret("").String() != "" || fmt.Sprintf("%d", Secret("")) != "" {
		t.Error("an empty secret looks set")
	}
}
