package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
)

// phoneDash is the demo's page behind the dashboard's real router. What the
// customer writes and Meta's side sees comes through graph and the forms.
func phoneDash(t *testing.T) (*dash, *phoneRig) {
	t.Helper()
	r := newPhoneRig(t)
	d := newDash(t, func(p *Parts) {
		p.Phone = NewPhone(PhoneOptions{Meta: r.meta, From: phoneFrom, Store: func() *store.Store { return p.Store }, Enter: func() string { return "" }})
	})
	return d, r
}

// TestPhoneInEachLanguage: with a message and an event of each kind, the page and
// its stream show no English to who reads Spanish or Portuguese, and the customer
// writes in that language too.
func TestPhoneInEachLanguage(t *testing.T) {
	for language, want := range map[string][]string{
		"es": {`<html lang="es">`, "Responde", "El teléfono del cliente", "¿A qué hora abren y cierran?", "Nota de voz", "WhatsApp entrega un mensaje", "Se encontró una dirección de correo en el mensaje del cliente y se ocultó.",
			"la:7b escribió una respuesta en 1.5 s.", "El cliente ve las marcas azules, y que la tienda está escribiendo.", "La tienda lo ha leído", `data-lost-text="Se perdió`, "No se puede llegar a ningún modelo"},
		"pt-BR": {`<html lang="pt-BR">`, "O celular do cliente", "A que horas vocês abrem?", "Mensagem de voz", "O WhatsApp entrega uma mensagem", "A proteção encontrou um número de telefone na resposta: não passa daqui.",
			"O respondedor embutido escreveu uma resposta.", "Lida pela loja"},
	} {
		d, r := phoneDash(t)
		guest := d.stranger()
		r.status <- http.StatusServiceUnavailable // told as a problem
		for _, kind := range []string{"picture", "voice", "place", "poll", "private", "burst"} {
			if w := guest.post("/phone/extra/"+kind, nil, "Accept-Language", language); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/phone" {
				t.Fatalf("%s: %d to %q", kind, w.Code, w.Header().Get("Location"))
			}
		}
		// What is taken or told later would change the chat.
		r.until("the deliveries", func() bool {
			taken := slices.DeleteFunc(r.meta.Posts(), func(p emulator.Post) bool { return p.Status != http.StatusOK })
			return len(taken) == 8 // a burst is three
		})
		r.typing()
		r.reply("No.")
		r.until("the customer's reading", func() bool { return len(r.meta.Told()) == 3 })
		d.phoneEvents()
		page := guest.page("/phone", "Accept-Language", language)
		for _, text := range want {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not show %q", language, text)
			}
		}
		stream := guest.phoneStream(language)
		if !strings.Contains(stream, stateAttr.FindStringSubmatch(page)[1]) {
			t.Errorf("%s: the stream writes the chat anew that the page has", language)
		}
		for _, left := range append(englishLeft(page), englishLeft(stream)...) {
			t.Errorf("%s: English is left: %q", language, left)
		}
	}
}

// phoneEvents puts one event of each kind that the page has words for in the store.
func (d *dash) phoneEvents() {
	d.t.Helper()
	type fields map[string]any
	event := func(kind, level, stage, text string, data fields) store.Event {
		return store.Event{Kind: kind, Level: level, Stage: stage, Text: text}.With(data)
	}
	list := []store.Event{
		event(store.EventGuardrail, "info", "guardrail", "pii_detection found EMAIL in the input", fields{"entity": "EMAIL", "action": "rewrite", "direction": "input"}),
		event(store.EventGuardrail, "info", "guardrail", "pii_detection found PHONE in the output", fields{"entity": "PHONE", "action": "block", "direction": "output"}),
		event(store.EventGuardrail, "info", "guardrail", "max_length found LENGTH in the input", fields{"entity": "LENGTH", "action": "rewrite", "direction": "input"}),
		event(store.EventModel, "info", "model", "ollama/la:7b answered", fields{"candidate": "ollama/la:7b", "generation": 1500 * time.Millisecond}),
		event(store.EventModel, "info", "model", "builtin/faq answered", fields{"candidate": "builtin/faq"}),
		event(store.EventModel, "warn", "model", "No model can be reached: the turn waits and tries again.", nil),
	}
	for _, outcome := range []string{"answered", "notice", "too_long", "blocked"} {
		list = append(list, event(store.EventMessage, "info", "outbox", "turn "+outcome, fields{"messages": 1, "replies": 1, "waited_ms": 640}))
	}
	list = append(list, event(store.EventMessage, "info", "outbox", "turn answered", fields{"messages": 3, "replies": 1}),
		event(store.EventMessage, "info", "outbox", "turn answered", fields{"messages": 1, "replies": 0}))
	d.logged(list...)
}

// phoneStream is what the stream begins with.
func (o *operator) phoneStream(language string) string {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), phonePatience)
	defer cancel()
	w := newLiveRecorder()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		o.admin.ServeHTTP(w, o.request(http.MethodGet, "/phone/stream", nil, "Accept-Language", language).WithContext(ctx))
	}()
	text := ""
	for !strings.Contains(text, `id="typing"`) {
		select {
		case part := <-w.parts:
			text += part
		case <-ctx.Done():
			o.t.Fatalf("the stream says only %s", text)
		}
	}
	cancel()
	<-ended
	return text
}

// TestPhoneSpeaksTheOperatorsLanguage, whatever the browser asks for; so do
// refusals.
func TestPhoneSpeaksTheOperatorsLanguage(t *testing.T) {
	d, _ := phoneDash(t)
	if page := d.owner.page("/phone", "Accept-Language", "es"); !strings.Contains(page, `<html lang="es">`) {
		t.Error("an operator without a choice does not get the browser's language")
	}
	if w := d.owner.post("/phone/send", url.Values{"text": {strings.Repeat("a", maxPhoneText+1)}}, "Accept-Language", "es"); !strings.Contains(w.Body.String(), "demasiado largo") {
		t.Errorf("a refusal says %q", w.Body)
	}
	if err := d.store.SetAppearance(d.owner.user.ID, "pt-BR", ""); err != nil {
		t.Fatal(err)
	}
	if page := d.owner.page("/phone", "Accept-Language", "es"); !strings.Contains(page, `<html lang="pt-BR">`) {
		t.Error("the operator's choice does not count")
	}
	if page := d.stranger().page("/phone"); !strings.Contains(page, `<html lang="en">`) {
		t.Error("without any language the page is not in English")
	}
}
