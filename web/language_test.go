package web

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp"
	"astromesh/runtime/health"
	"astromesh/store"
	"astromesh/web/view"
)

// Words that neither Spanish nor Portuguese has; what is no text of ours: what
// stands in English on purpose, the YAML, what was typed, names of Meta's pages.
var (
	englishWord = regexp.MustCompile(`(?i)\b(the|is|are|was|were|has|have|and|not|of|with|your|you|it|this|that|which|here|from|must|more|to|or|cannot|by|at|ago|new|none)\b`)
	metaNames   = strings.NewReplacer("«To»", "", "“To”", "")
	notOurs     = regexp.MustCompile(`(?s)<(script|style|textarea|svg|code|pre)\b.*?</(script|style|textarea|svg|code|pre)>|<[a-z]+[^>]* lang="en"[^>]*>.*?</(dd|p|span)>|<div class="why-text[^>]*>.*?</div>|<option[^>]*>English</option>`)
	spoken      = regexp.MustCompile(`\b(?:title|aria-label|placeholder|alt|data-confirm|data-[a-z]+-text)="([^"]*)"`)
	tags        = regexp.MustCompile(`(?s)<[^>]*>`)
	accents     = regexp.MustCompile(`[^\x00-\x7f]`) // \b knows no letters beyond ASCII
)

// TestPagesInEachLanguage: with rows of each kind that the program writes in
// English, no page shows English to who reads Spanish or Portuguese.
func TestPagesInEachLanguage(t *testing.T) {
	d, _ := sick(t,
		health.Check{Name: "agent", Status: health.Warn, Detail: `The newest version of the agent shop has errors, so its last good one goes on answering. agents/shop.agent.yaml:3:5: unknown key "x" in spec: it has no effect (and 2 more problems)`, Mend: "Correct the file; it is read again as soon as it is saved."},
		health.Check{Name: "webhook", Status: health.Warn, Detail: "The last webhook came 9 days ago.", Mend: "Write a WhatsApp message to your business number. If it does not show up here: 4. The app is in development: switch App Mode to Live at the top of the app's page."},
		health.Check{Name: "models", Status: health.Fail, Detail: "The model a:7b is not on this computer. The agent shop cannot answer: messages wait, and after a while a person is asked for.", Mend: "Open Health and press Download, or run: ollama pull a:7b."},
	)
	d.spoken()
	shown := map[string]string{ // the rows are there at all
		"/": "Hay un problema con la forma de pago", "/conversations?filter=needs": "deja de responder por un rato", "/conversations/1": "Arréglalo en la facturación de Meta",
		"/logs": "gastó sus 512 tokens", "/logs?kind=model": "puede leer 4096 tokens", "/logs?kind=system": "no es un proveedor: puede ser ollama",
		"/health": "clave desconocida", "/settings/about": "mensajes 90 días", "/conversations/1/turns/t1": "datetime_now",
	}
	d.server.pulse.refresh(t.Context())
	for _, language := range view.Languages[1:] {
		for _, path := range []string{
			"/", "/conversations", "/conversations?filter=needs", "/conversations/1", "/conversations/1/turns/t1", "/conversations/1/memory",
			"/agents", "/agents/shop", "/agents/shop?tab=yaml", "/agents/shop?tab=versions", "/new-agent", "/guardrails", "/health",
			"/logs", "/logs?kind=guardrail", "/logs?kind=model", "/logs?kind=system",
			"/settings/account", "/settings/appearance", "/settings/channel", "/settings/operators", "/settings/retention", "/settings/about", metaSettings,
			"/setup/model", metaSetup, "/setup/agent", "/setup/test", "/setup/done", "/no-such-page",
		} {
			page := d.owner.get(path, "Accept-Language", language).Body.String()
			if want := shown[path]; language == "es" && !strings.Contains(page, want) {
				t.Errorf("%s does not show %q", path, want)
			}
			for _, left := range englishLeft(page) {
				t.Errorf("%s %s shows English: %q", language, path, left)
			}
		}
	}
}

// TestEnglishIsSeen: the test above can fail.
func TestEnglishIsSeen(t *testing.T) {
	for _, page := range []string{`<p>This is the end.</p>`, `<button title="Close the window">×</button>`} {
		if len(englishLeft(page)) == 0 {
			t.Errorf("nothing is found in %s", page)
		}
	}
}

func englishLeft(page string) (left []string) {
	page = notOurs.ReplaceAllString(page, "\n")
	var texts []string
	for _, m := range spoken.FindAllStringSubmatch(page, -1) {
		texts = append(texts, m[1])
	}
	for line := range strings.SplitSeq(tags.ReplaceAllString(page, "\n"), "\n") {
		texts = append(texts, line)
	}
	for _, text := range texts {
		text = strings.TrimSpace(metaNames.Replace(html.UnescapeString(text)))
		if englishWord.MatchString(accents.ReplaceAllString(text, "x")) {
			left = append(left, text)
		}
	}
	return left
}

// spoken puts one row of each kind in the store.
func (d *dash) spoken() {
	d.t.Helper()
	now := time.Now()
	conv := d.answered(d.arrives("m1", "34600000001", "Ana", "hola", now), "t1", "hola", "buenas")
	due, err := d.store.ClaimOutbox(1)
	if err != nil || len(due) != 1 {
		d.t.Fatal(err, len(due))
	}
	why := store.Failure{Code: 131042, Reason: whatsapp.ReasonFor(channel.Error{Code: 131042})}
	if err := d.store.MarkFailed(due[0].Seq, why); err != nil {
		d.t.Fatal(err)
	}
	other := d.arrives("m2", "34600000002", "Luis", "hola", now)
	if _, err := d.store.Mute(other.Conversation.ID, store.At(now.Add(time.Hour)), "The customer writes faster than a person does: the agent has stopped answering for a while. Look whether a machine is at the other end."); err != nil {
		d.t.Fatal(err)
	}
	for _, change := range [][2]string{{"conversation taken over", "conversation 1"}, {"agent published", "shop"}, {"retention changed", ""}} {
		if err := d.store.Audit("Olga", change[0], change[1], "messages 90 days, events 30 days"); err != nil {
			d.t.Fatal(err)
		}
	}
	event := func(kind, level, stage, text string) store.Event {
		return store.Event{Kind: kind, Level: level, Stage: stage, ConversationID: conv, Agent: "shop", Text: text}
	}
	d.logged(
		event(store.EventMessage, "info", "dispatch", "message arrived: image"), event(store.EventMessage, "info", "dispatch", "A person took over."),
		event(store.EventMessage, "info", "inbox", "recorded, not answered: reaction"), event(store.EventMessage, "error", "send", why.Reason),
		event(store.EventMessage, "error", "outbox", "ollama/a:7b: The model a:7b used all its 512 tokens for reasoning and gave no answer. Raise max_tokens, or set think: false."),
		event(store.EventModel, "warn", "model", "No model can be reached: the turn waits and tries again."),
		event(store.EventModel, "warn", "model", "num_ctx is 9000, but the model a:7b can read 4096 tokens at once: 4096 is used."),
		event(store.EventSystem, "error", "send", "All sending is paused: Meta refuses the access token. Create a permanent token for a system user in Meta's Business settings and enter it; the waiting messages are sent then."),
		event(store.EventSystem, "error", "system", `agents/shop.agent.yaml:4:9: "olama" is not a provider: it is ollama, vllm or builtin; did you mean "ollama"?`),
		event(store.EventSystem, "warn", "webhook", `not acted on: webhook field "account_update" is not acted on, event "PARTNER_ADDED"`),
		event(store.EventSystem, "warn", "webhook", "Webhooks with a missing or wrong signature were refused."),
	)
}
