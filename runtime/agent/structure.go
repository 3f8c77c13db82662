package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
	"astromesh/runtime/model/loosejson"
)

// structure gives the answer the form of spec.output_schema: the customer reads the
// words, the data is the turn's. An answer that came in that form costs nothing
// more. Plain words cost one call, since a server that is told the form offers no
// tools; what does not fit is asked for once more, and then the words go out alone.
func (t *turn) structure(ctx context.Context) error {
	o := t.agent.output
	if o == nil {
		return nil
	}
	first := t.answer
	words, data, err := o.read(first)
	if err == nil {
		t.answer, t.data = words, data
		return nil
	}
	ask := "(" + o.told() + ")"
	plain := o.saved(first)
	if plain == "" || plain != sayable(first) { // it was JSON, but did not fit
		ask = fmt.Sprintf("(This does not fit: %v. %s)", err, o.told())
	}
	reply, asked := t.askInForm(ctx, first, ask)
	if asked != nil && t.halted(ctx) {
		return asked
	}
	if asked == nil {
		if words, data, err = o.read(reply); err == nil {
			t.answer, t.data = words, data
			return nil
		}
		if plain == "" {
			plain = o.saved(reply)
		}
	}
	t.notice("model", fmt.Sprintf("The answer of agent %s did not fit its output_schema, twice: it went out without data.", t.agent.Name()))
	if plain == "" {
		return failed("the model gave no answer that fits output_schema, twice: try another model or a simpler schema")
	}
	t.answer = plain
	return nil
}

// halted says whether a turn must end: its caller has gone, or its time is used up
// and there is no answer to keep.
func (t *turn) halted(ctx context.Context) bool {
	cause := context.Cause(ctx)
	return cause != nil && !errors.Is(cause, errUsedUp)
}

// askInForm asks once, with no tool offered.
func (t *turn) askInForm(ctx context.Context, answer, words string) (string, error) {
	if t.take(0) == 0 {
		return "", errors.New("no call is left")
	}
	messages := append(t.prompt[:len(t.prompt):len(t.prompt)],
		model.Message{Role: model.RoleAssistant, Content: answer}, model.Message{Role: model.RoleUser, Content: words})
	l := &loop{turn: t, role: "reasoner", part: "data", messages: messages, format: t.agent.output.format}
	reply, err := l.ask(ctx, nil)
	if err != nil {
		return "", err
	}
	text, _ := guardrail.Gate(reply.Content, nil)
	return text, nil
}

// guardData lets the output guardrails judge the data too: what they take out of a
// reply is not kept. The customer's words in it are those that went out.
func (t *turn) guardData(_ context.Context, data map[string]any) error {
	if t.data == nil {
		return nil
	}
	clean, ok := t.judged(t.data, 0).(map[string]any)
	if o := t.agent.output; ok && o.inside == "" {
		clean[o.field] = t.answer
	}
	b, err := json.Marshal(clean)
	switch {
	case !ok:
		t.notice("guardrail", "A guardrail of the output blocked the data of an answer: it was not kept.")
	case err != nil || len(b) > maxData:
		t.notice("model", fmt.Sprintf("The data of an answer of agent %s is longer than %d bytes: it was not kept.", t.agent.Name(), maxData))
	default:
		t.result.Data = b
		data["bytes"] = len(b)
	}
	return nil
}

// judged is a value as the output guardrails let it through; nil where they block
// a text in it.
func (t *turn) judged(v any, depth int) any {
	switch x := v.(type) {
	case string:
		verdict := t.output.Run(x)
		if len(verdict.Findings) > 0 {
			t.judge("output", verdict)
		}
		if verdict.Action == guardrail.Block {
			return nil
		}
		return verdict.Text
	case map[string]any:
		out := make(map[string]any, len(x))
		for key, value := range x {
			kept := t.judged(value, depth+1)
			if strings.ContainsAny(key, "@0123456789") { // a name of the schema's own need not be judged
				name, ok := t.judged(key, depth+1).(string)
				if !ok {
					return nil
				}
				key = name
			}
			if depth > loosejson.MaxDepth || kept == nil && value != nil {
				return nil
			}
			out[key] = kept
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, value := range x {
			kept := t.judged(value, depth+1)
			if depth > loosejson.MaxDepth || kept == nil && value != nil {
				return nil
			}
			out = append(out, kept)
		}
		return out
	case float64:
		return t.judgedNumber(v, strconv.FormatFloat(x, 'f', -1, 64), depth)
	case json.Number:
		return t.judgedNumber(v, x.String(), depth)
	default:
		return v
	}
}

// judgedNumber is a number as it is, unless it is one that the guardrails would take
// out of a text: of a card or a telephone.
func (t *turn) judgedNumber(v any, text string, depth int) any {
	const fewest = 7 // digits of either
	if len(text) < fewest {
		return v
	}
	if kept := t.judged(text, depth+1); kept != text {
		return kept
	}
	return v
}
