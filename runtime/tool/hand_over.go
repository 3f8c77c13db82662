package tool

import (
	"context"
	_ "embed"
	"encoding/json"
	"strings"

	"astromesh/runtime/model"
)

//go:embed hand_over.md
var handOverWords string

// handOver calls for a person, who answers in the agent's place from then on.
type handOver struct{}

func newHandOver(Declared, Sources) (Made, error) { return one(handOver{}), nil }

func (handOver) Spec() model.ToolSpec {
	return model.ToolSpec{
		Name:        "hand_over",
		Description: strings.TrimSpace(handOverWords),
		Parameters: json.RawMessage(`{"type":"object","properties":{"reason":{"type":"string",` +
			`"description":"Why a person is needed, in one short sentence for the staff."}},"required":["reason"]}`),
	}
}

func (handOver) Call(_ context.Context, c Call) (string, error) {
	if err := c.Effects.HandOver(text(c.Arguments, "reason")); err != nil {
		return "", err
	}
	return "A person has been called and will go on with this conversation. Tell the customer so in one sentence: it is the last thing that you say here.", nil
}
