package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"astromesh/runtime/model"
)

//go:embed get_user_context.md
var getUserContextWords string

// getUserContext tells what is known of the customer, less everything that
// carries the phone number.
type getUserContext struct {
	known func(ctx context.Context, sessionID string) (map[string]any, error)
}

func newGetUserContext(_ Declared, src Sources) (Made, error) {
	return one(&getUserContext{known: src.UserContext}), nil
}

func (g *getUserContext) Spec() model.ToolSpec {
	return model.ToolSpec{
		Name:        "get_user_context",
		Description: strings.TrimSpace(getUserContextWords),
		Parameters:  json.RawMessage(`{"type":"object","properties":{}}`),
	}
}

func (g *getUserContext) Call(ctx context.Context, c Call) (string, error) {
	known := map[string]any{}
	if g.known != nil {
		found, err := g.known(ctx, c.SessionID)
		if err != nil {
			return "", fmt.Errorf("look up the customer: %w", err)
		}
		for k, v := range found {
			known[k] = v
		}
	}
	if _, ok := known["name"]; !ok && c.Contact.Name != "" {
		known["name"] = c.Contact.Name
	}
	withoutNumber(known, c.SessionID)
	if len(known) == 0 {
		return "", errors.New("nothing is known about this customer yet")
	}
	out, err := json.Marshal(known)
	if err != nil {
		return "", fmt.Errorf("write what is known of the customer: %w", err)
	}
	return string(out), nil
}

// withoutNumber drops every entry that could tell a model the phone number: by
// the entry's name, and by the digits of the session in its value.
func withoutNumber(known map[string]any, sessionID string) {
	digits := onlyDigits(sessionID)
	for k, v := range known {
		switch strings.ToLower(k) {
		case "phone", "phone_number", "number", "wa_id", "session_id", "user_id", "id":
			delete(known, k)
			continue
		}
		if len(digits) >= 6 && strings.Contains(onlyDigits(fmt.Sprint(v)), digits) {
			delete(known, k)
		}
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
