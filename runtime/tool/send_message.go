package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"strings"

	"astromesh/runtime/model"
)

//go:embed send_message.md
var sendMessageWords string

// sendMessage writes to the customer besides the reply, and to nobody else: there
// is no argument for a number.
type sendMessage struct{}

func newSendMessage(Declared, Sources) (Made, error) { return one(sendMessage{}), nil }

func (sendMessage) Spec() model.ToolSpec {
	return model.ToolSpec{
		Name:        "send_message",
		Description: strings.TrimSpace(sendMessageWords),
		Parameters: json.RawMessage(`{"type":"object","properties":{"text":{"type":"string",` +
			`"description":"The message, as the customer reads it."}},"required":["text"]}`),
	}
}

func (sendMessage) Call(_ context.Context, c Call) (string, error) {
	words := text(c.Arguments, "text", "message")
	if words == "" {
		return "", errors.New("the message is empty: write it in text")
	}
	if err := c.Effects.Send(words); err != nil {
		return "", err
	}
	return "The message will reach the customer just before your answer. Do not say the same again.", nil
}
