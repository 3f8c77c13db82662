package web

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/web/form"
)

// logged puts events on disk and waits until they are there.
func (d *dash) logged(events ...store.Event) {
	d.t.Helper()
	before, err := d.store.LastEvent(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, e := range events {
		d.store.Log(e)
	}
	d.waitFor("the log", func() bool {
		last, err := d.store.LastEvent(d.t.Context())
		return err == nil && last >= before+int64(len(events))
	})
}

func TestLogsShowOneKindAndOpenToTheirData(t *testing.T) {
	d := newDash(t)
	d.logged(
		store.Event{Kind: store.EventMessage, Stage: "send", ConversationID: 7, Agent: "shop", Text: "plain words"}.With(map[string]any{"attempt": 2, "detail": "<b>مرحبا</b>"}),
		store.Event{Kind: store.EventSystem, Level: "error", Text: "the disk is full"},
	)
	html := d.staff.page("/logs")
	for _, want := range []string{"plain words", `id="e1"`, "/conversations/7", "attempt", "&lt;b&gt;مرحبا&lt;/b&gt;", `data-stream="/logs/stream?kind=message&amp;after=2"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(html, "the disk is full") {
		t.Error("the messages show the system's events")
	}
	if html := d.staff.page("/logs?kind=system"); !strings.Contains(html, "the disk is full") || strings.Contains(html, "plain words") {
		t.Error("the tab System does not show its own")
	}
}

func TestLogFilters(t *testing.T) {
	d := newDash(t)
	d.logged(
		store.Event{Kind: store.EventMessage, Text: "apple", ConversationID: 1, Agent: "shop", At: store.At(time.Now().Add(-3 * time.Hour))},
		store.Event{Kind: store.EventMessage, Text: "banana 100%", ConversationID: 2, Level: "warn"},
		store.Event{Kind: store.EventMessage, Text: "cherry", ConversationID: 2, Level: "error", Agent: "bar"}.With(map[string]string{"code": "131047"}),
	)
	hourAgo := url.QueryEscape(time.Now().Add(-time.Hour).Format(form.Moment))
	for query, want := range map[string]string{
		"": "apple banana cherry", "q=APPLE": "apple", "q=131047": "cherry", "q=100%25": "banana", "q=%25": "banana", "q=_": "",
		"level=warn": "banana cherry", "level=error": "cherry", "level=odd": "apple banana cherry",
		"conversation=2": "banana cherry", "conversation=2&level=error": "cherry", "agent=bar": "cherry", "agent=shop&q=cherry": "",
		"from=" + hourAgo: "banana cherry", "to=" + hourAgo: "apple", "before=3": "apple banana", "before=x": "apple banana cherry",
	} {
		html := d.owner.page("/logs?kind=message&" + query)
		_, rows, _ := strings.Cut(html, `id="log-rows"`)
		for _, word := range []string{"apple", "banana", "cherry"} {
			if got := strings.Contains(rows, ">"+word); got != strings.Contains(want, word) {
				t.Errorf("%q shows %s: %v", query, word, got)
			}
		}
	}
}

func TestLogFilterSaysWhatIsWrong(t *testing.T) {
	d := newDash(t)
	for query, want := range map[string]string{
		"conversation=abc": "Type the number", "conversation=-1": "Type the number", "from=yesterday": "Choose a date", "to=9999999-01-01T00:00": "Choose a date",
		"from=2026-03-02T10:00&to=2026-03-02T10:00": "before the beginning", "q=" + strings.Repeat("a", 201): "at most 200",
	} {
		w := d.owner.get("/logs?" + query)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%q: %d, says %q: %v", query, w.Code, want, strings.Contains(w.Body.String(), want))
		}
		if _, value, _ := strings.Cut(query, "="); !strings.HasPrefix(query, "from=2026") && !strings.Contains(w.Body.String(), `value="`+value) {
			t.Errorf("%q is not kept as typed", query)
		}
	}
	for _, path := range []string{"/logs/more", "/logs/download", "/logs/stream"} {
		if w := d.owner.get(path + "?from=x"); w.Code != http.StatusBadRequest {
			t.Errorf("%s with a wrong filter: %d", path, w.Code)
		}
	}
}

func TestLogPagesFollowEachOther(t *testing.T) {
	d := newDash(t)
	var list []store.Event
	for range 250 {
		list = append(list, store.Event{Kind: store.EventModel, Text: "x"})
	}
	d.logged(list...)
	seen := 0
	path := "/logs?kind=model"
	for range 4 {
		html := d.owner.page(path)
		seen += strings.Count(html, `class="log-row `)
		_, rest, more := strings.Cut(html, `hx-get="`)
		_, rest, _ = strings.Cut(rest, `hx-get="/logs/more`)
		if !more || rest == "" {
			break
		}
		next, _, _ := strings.Cut(rest, `"`)
		path = "/logs" + strings.ReplaceAll(next, "&amp;", "&")
	}
	if seen != 250 {
		t.Errorf("%d rows were shown, want 250", seen)
	}
	if html := d.owner.page("/logs/more?kind=model&before=51", "HX-Request", "true"); strings.Count(html, `class="log-row `) != 50 || !strings.Contains(html, "hx-swap-oob") {
		t.Errorf("the rows after: %s", html[:min(len(html), 300)])
	}
}

func TestLogFragmentNamesItsAddress(t *testing.T) {
	w := newDash(t).owner.get("/logs?kind=model&q=&level=error&agent=", "HX-Request", "true", "HX-Target", "log")
	if got := w.Header().Get("HX-Push-Url"); got != "/logs?kind=model&level=error" {
		t.Errorf("address %q", got)
	}
	if strings.Contains(w.Body.String(), "<html") {
		t.Error("a whole page came")
	}
}

func TestLogDownload(t *testing.T) {
	d := newDash(t)
	var list []store.Event
	for i := range 1200 {
		list = append(list, store.Event{Kind: store.EventMessage, Level: map[bool]string{true: "warn", false: "info"}[i%2 == 0], Text: "n"}.With(map[string]int{"i": i}))
	}
	d.logged(list...)
	w := d.owner.get("/logs/download?kind=message&level=warn")
	lines := bufio.NewScanner(w.Body)
	n := 0
	for lines.Scan() {
		var e struct {
			Level string
			Data  struct{ I int }
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Level != "warn" || e.Data.I != 1198-2*n {
			t.Fatalf("line %d: %s (%v)", n, lines.Text(), err)
		}
		n++
	}
	if n != 600 || !strings.Contains(w.Header().Get("Content-Disposition"), ".jsonl") {
		t.Errorf("%d lines, %q", n, w.Header().Get("Content-Disposition"))
	}
}

func TestLogStreamSendsWhatFits(t *testing.T) {
	d := newDash(t)
	d.logged(store.Event{Kind: store.EventGuardrail, Text: "old"})
	next := d.owner.stream("/logs/stream?kind=guardrail&q=this&after=1")
	d.store.Log(store.Event{Kind: store.EventGuardrail, Text: "not that"})
	d.store.Log(store.Event{Kind: store.EventMessage, Text: "this, of another kind"})
	d.store.Log(store.Event{Kind: store.EventGuardrail, Text: "this\none"})
	if e := next(""); e.event != "row" || !strings.Contains(e.data, "this\none") || e.id == "" {
		t.Errorf("event %+v", e)
	}
}

func TestLogStreamNeedsASession(t *testing.T) {
	if w := newDash(t).stranger().get("/logs/stream?after=0", "Accept", "text/event-stream"); w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
}

func TestLogBarsLeadToTheirHour(t *testing.T) {
	d := newDash(t)
	hour := time.Now().Add(-2 * time.Hour).Truncate(time.Hour) // past, so that it cannot end within the test
	at := store.At(hour.Add(10 * time.Minute))
	d.logged(store.Event{Kind: store.EventMessage, Text: "now", At: at}, store.Event{Kind: store.EventMessage, Level: "warn", Text: "too", At: at})
	link := "from=" + url.QueryEscape(hour.Format(form.Moment)) + "&amp;kind=message&amp;to=" + url.QueryEscape(hour.Add(time.Hour).Format(form.Moment))
	for query, count := range map[string]string{"": ": 2<", "&level=warn": ": 1<", "&q=now": ": 1<", "&span=month": ": 2<"} {
		html := d.owner.page("/logs?kind=message" + query)
		if !strings.Contains(html, count) {
			t.Errorf("%q: no bar says %s", query, count)
		}
		if query == "" && !strings.Contains(html, link) {
			t.Errorf("no bar leads to %s", link)
		}
	}
}

func TestLogEmptySaysWhy(t *testing.T) {
	d := newDash(t)
	if html := d.owner.page("/logs"); !strings.Contains(html, "has not been told of this address") {
		t.Error("nothing about the handshake that never came")
	}
	d.server.Doorman.Handshake(true)
	if html := d.owner.page("/logs"); !strings.Contains(html, "Meta has not called since") {
		t.Error("nothing about the verified webhook")
	}
	d.server.Doorman.Refused()
	if html := d.owner.page("/logs"); !strings.Contains(html, "Every one was refused") {
		t.Error("nothing about the refused calls")
	}
	if html := d.owner.page("/logs?kind=guardrail"); !strings.Contains(html, "Rules in force: 3") {
		t.Error("nothing about the rules")
	}
	if html := d.owner.page("/logs?q=x"); !strings.Contains(html, "Nothing fits these filters") {
		t.Error("a search that finds nothing blames Meta")
	}
}

func TestEventWordsSpeakTheReadersLanguage(t *testing.T) {
	d := newDash(t)
	d.logged(store.Event{Kind: store.EventGuardrail, Stage: "guardrail", Text: "pii_detection found EMAIL in the input"}.With(map[string]string{"entity": "EMAIL", "action": "rewrite", "direction": "input"}))
	if html := d.owner.page("/logs?kind=guardrail", "Accept-Language", "es"); !strings.Contains(html, "Una dirección de correo: se ocultó en el mensaje del cliente.") {
		t.Error("not in Spanish")
	}
}

var rowID = regexp.MustCompile(`id="e\d+"`)

// A search finds what the page shows, in the reader's words, and not only what is
// stored; on the page as in what comes live.
func TestLogSearchesWhatIsShown(t *testing.T) {
	d := newDash(t)
	d.logged(
		store.Event{Kind: store.EventGuardrail, Stage: "guardrail", Text: "pii_detection found EMAIL in the input"}.With(map[string]string{"entity": "EMAIL", "action": "rewrite", "direction": "input"}),
		store.Event{Kind: store.EventGuardrail, Stage: "guardrail", Text: "topic_filter found TOPIC in the output"}.With(map[string]string{"entity": "TOPIC", "action": "block", "direction": "output"}),
		store.Event{Kind: store.EventMessage, Stage: "outbox", Text: "turn answered"}.With(map[string]int{"messages": 1, "replies": 1, "waited_ms": 900}),
		store.Event{Kind: store.EventMessage, Stage: "outbox", Text: "turn answered"}.With(map[string]int{"messages": 1, "replies": 0}),
		store.Event{Kind: store.EventMessage, Stage: "send", Text: "sent"}.With(map[string]string{"result": "sent"}),
		store.Event{Kind: store.EventModel, Level: "warn", Stage: "model", Text: "No model can be reached: the turn waits and tries again."},
	)
	for _, c := range []struct {
		language, kind, search string
		want                   int
	}{
		{"en", "guardrail", "was hidden", 1}, {"en", "guardrail", "E-MAIL address", 1}, {"en", "guardrail", "in the reply", 1}, {"en", "guardrail", "pii_detection", 1},
		{"es", "guardrail", "se ocultó", 1}, {"es", "guardrail", "dirección de correo", 1}, {"es", "guardrail", "no pasa de aquí", 1}, {"es", "guardrail", "algo que nadie dice", 0},
		{"en", "message", "answer was ready", 1}, {"es", "message", "estuvo lista", 1}, {"es", "message", "no se responde", 1}, {"pt-BR", "message", "WhatsApp", 1},
		{"es", "model", "llegar a ningún modelo", 1}, {"es", "model", "no model can", 1}, {"es", "model", "WhatsApp aceptó", 0},
	} {
		html := d.owner.page("/logs?kind="+c.kind+"&q="+url.QueryEscape(c.search), "Accept-Language", c.language)
		if got := len(rowID.FindAllString(html, -1)); got != c.want {
			t.Errorf("%+v: %d rows", c, got)
		}
	}
}
