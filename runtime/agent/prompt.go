package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"astromesh/runtime/channel"
	"astromesh/runtime/guardrail"
	"astromesh/runtime/model"
)

// timeStep is how exactly the prompt tells the time. Several chat templates
// (llama3.1's, qwen2.5's) put every system message in front of the history,
// whatever its place: a clock that moves with each message would then make the
// server compute the whole history anew each time. In steps it costs that once
// a quarter of an hour. datetime_now tells the minute to an agent that needs it.
const timeStep = 15 * time.Minute

// compose builds the prompt from what never changes to what changes most: the
// server keeps what it computed for the longest common beginning.
func (t *turn) compose(ctx context.Context, data map[string]any) error {
	prompt, err := t.beginning()
	if err != nil {
		return err
	}
	earlier, err := t.earlier(ctx, data)
	if err != nil {
		return err
	}
	if earlier != "" { // it is of this moment, like the time: behind what is said of that
		prompt[len(prompt)-1].Content += "\n" + earlier
	}
	images, attached := t.images()
	prompt = append(prompt, model.Message{
		Role: model.RoleUser, Content: joinLines(t.text, t.attachments(false)), Images: images, Attached: attached,
	})
	t.prompt = prompt
	data["messages"], data["images"] = len(prompt), len(images)
	return nil
}

// beginning is the prompt without the newest message.
func (t *turn) beginning() ([]model.Message, error) {
	prompt, err := t.opening()
	if err != nil {
		return nil, err
	}
	prompt = append(prompt, t.history...)
	return append(prompt, model.Message{Role: model.RoleSystem, Content: t.volatile()}), nil
}

// opening is what stands before the history: the system prompt, and the summary of
// what the history does not hold.
func (t *turn) opening() ([]model.Message, error) {
	system, err := t.agent.systemPrompt(t.values())
	if err != nil { // a template that this customer's values break: as for one of whom nothing is known
		why := err
		if system, err = t.agent.systemPrompt(t.agent.values(fields{"name": "", "id": contactID(t.in)}, nil, t.agent.now())); err == nil {
			t.notice("model", fmt.Sprintf("The system prompt of agent %s could not be filled in for this customer, so the message was answered without the name and the history in it: %v", t.agent.Name(), why))
		}
	}
	if err != nil {
		return nil, failed("the system prompt of agent %s cannot be filled in: %v", t.agent.Name(), err)
	}
	var prompt []model.Message
	if system != "" {
		prompt = append(prompt, model.Message{Role: model.RoleSystem, Content: system})
	}
	return append(prompt, t.past.Known()...), nil
}

// volatile is what holds for this moment and this customer only.
func (t *turn) volatile() string {
	now := t.agent.now()
	lines := []string{fmt.Sprintf("Current date and time: %s (%s, rounded down to a quarter of an hour).",
		clock{now.Truncate(timeStep)}, zone(now))}
	if name := t.name(); name != "" {
		lines = append(lines, "The customer's name, as the customer typed it: "+strconv.Quote(name))
	}
	return strings.Join(lines, "\n")
}

func zone(t time.Time) string {
	if name := t.Location().String(); name != "Local" {
		return name
	}
	return t.Format("UTC-07:00")
}

// name is the customer's display name. A stranger typed it: it is judged like a
// message, kept short and on one line.
func (t *turn) name() string {
	name := strings.Join(strings.FieldsFunc(clean(t.in.Customer.Name), func(r rune) bool {
		return unicode.IsControl(r) || unicode.IsSpace(r)
	}), " ")
	v := t.input.Run(clip(name, 80))
	if v.Action == guardrail.Block {
		return ""
	}
	return v.Text
}

// values are what a template can name. They are built anew for each rendering:
// a template may change them.
func (t *turn) values() map[string]any {
	var past []any
	for _, m := range t.history {
		past = append(past, fields{"role": string(m.Role), "content": m.Content})
	}
	return t.agent.values(fields{"name": t.name(), "id": contactID(t.in)}, past, t.agent.now())
}

func (a *Agent) values(contact fields, past []any, now time.Time) map[string]any {
	return map[string]any{
		"contact": contact, "now": clock{now}, "memory": past, "knowledge": []any{}, "context": fields{},
		"agent": fields{
			"name": a.Name(), "version": a.cfg.Metadata.Version, "display_name": a.cfg.Spec.Identity.DisplayName,
			"description": a.cfg.Spec.Identity.Description,
		},
	}
}

// contactID tells customers apart in a template without telling their number.
func contactID(in Input) string {
	session := in.SessionID
	if session == "" {
		session = in.Customer.SessionID()
	}
	sum := sha256.Sum256([]byte("contact " + session))
	return "c_" + hex.EncodeToString(sum[:6])
}

// systemPrompt is the first message. Where the template depends on nothing that
// changes it was rendered once, at New, and is the same bytes for everybody.
func (a *Agent) systemPrompt(values map[string]any) (string, error) {
	text, err := a.fixed, error(nil)
	if a.system != nil {
		text, err = a.system.render(values)
	}
	if a.tellsForm() {
		text = strings.TrimSpace(text + "\n\n" + a.output.told())
	}
	return text, err
}

// tellsForm says whether the first message tells the form of the answer. Where
// several roles work on it only the last call is told: a plan has another form.
func (a *Agent) tellsForm() bool {
	pattern := a.cfg.Spec.Orchestration.Pattern
	return a.output != nil && (pattern == "" || pattern == "react")
}

// compilePrompt compiles the system prompt and tries it out: an error belongs on
// the owner's screen when the file is saved, not in a customer's chat.
func (a *Agent) compilePrompt(source string, find finder) error {
	template, err := compileWith(source, find)
	if err != nil {
		return err
	}
	monday := time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC)
	one, err := template.render(a.values(fields{"name": "", "id": "c_1"}, nil, monday))
	if err != nil {
		return err
	}
	past := []any{fields{"role": "user", "content": "hi"}}
	two, err := template.render(a.values(fields{"name": "Ana", "id": "c_2"}, past, monday.AddDate(1, 2, 3).Add(5*time.Hour+7*time.Minute)))
	if err != nil {
		return err
	}
	if !template.namesOneOf("contact", "now", "memory") {
		a.fixed = strings.TrimSpace(one)
		return nil
	}
	a.system = template
	if one == two { // as far as these two go
		return nil
	}
	a.warn("the system prompt differs by customer or time: the model must read all of it anew each time, " +
		"which is slow without a GPU (the name and the time are told to the model in any case)")
	return nil
}

// tryOut fills a template in once: an error belongs on the owner's screen.
func (a *Agent) tryOut(template *Template) error {
	monday := time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC)
	_, err := template.render(a.values(fields{"name": "Ana", "id": "c_1"}, nil, monday))
	return err
}

// sessionKey names a conversation towards the model servers, so that one whose
// prompt is still warm can go first. The number in it stays in the program.
func sessionKey(agent, session string, customer channel.Customer) string {
	if session == "" {
		session = customer.SessionID()
	}
	return agent + "/" + session
}
