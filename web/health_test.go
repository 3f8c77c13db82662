package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/health"
	"astromesh/web/view"
)

// sick is a dashboard whose health the test sets.
func sick(t *testing.T, checks ...health.Check) (*dash, *atomic.Pointer[[]health.Check]) {
	t.Helper()
	var now atomic.Pointer[[]health.Check]
	now.Store(&checks)
	d := newDash(t, func(p *Parts) {
		p.Health = func(context.Context) []health.Check { return *now.Load() }
		p.Reload = func(context.Context) error { return nil }
		p.DefaultAgent = func() string { return "shop" }
		p.RetrySending = func() {}
	})
	return d, &now
}

func TestHealthShowsWhatIsBrokenFirst(t *testing.T) {
	d, _ := sick(t,
		health.Check{Name: "disk", Status: health.OK, Detail: "roomy"},
		health.Check{Name: "people", Status: health.Warn, Detail: "two wait", Mend: "answer"},
		health.Check{Name: "signature", Status: health.Fail, Detail: "UNSIGNED <MODE>", Mend: "set it"},
	)
	html := d.staff.page("/health")
	order := []string{"UNSIGNED &lt;MODE&gt;", "two wait", "roomy"}
	for i, want := range order {
		if at := strings.Index(html, want); at < 0 || i > 0 && at < strings.Index(html, order[i-1]) {
			t.Errorf("%q stands at %d", want, at)
		}
	}
	for _, want := range []string{"Broken: 1.", "Beside App secret press Show", "since just now", "/conversations", `data-copy="report"`} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestHealthSpeaksSpanishAndPortuguese(t *testing.T) {
	d, _ := sick(t, health.Check{Name: "models", Status: health.Fail, Detail: "d", Mend: "m"})
	for language, want := range map[string]string{"es": "No se puede llegar al modelo", "pt-BR": "Não dá para chegar ao modelo"} {
		html := d.owner.page("/health", "Accept-Language", language)
		if !strings.Contains(html, want) {
			t.Errorf("%s lacks %q", language, want)
		}
	}
}

// Every check that can be shown has its words, in each state.
func TestEveryCheckHasWords(t *testing.T) {
	names := map[string]bool{}
	for _, in := range []health.Inputs{
		{Now: time.Now()},
		{Now: time.Now(), WhatsApp: config.WhatsApp{AccessToken: "x", PhoneNumberID: "1", WABAID: "2"}},
	} {
		in.Graph.Number.ServerTime = time.Now()
		for _, c := range health.Diagnose(in) {
			names[c.Name] = true
		}
	}
	if len(names) < 15 {
		t.Fatalf("only %d checks: %v", len(names), names)
	}
	for _, language := range view.Languages {
		ctx := view.WithLanguage(t.Context(), language)
		for name := range names {
			for _, key := range []string{"health." + name, "health." + name + "_ok", "health." + name + "_warn", "health." + name + "_fail", "health." + name + "_steps"} {
				if view.T(ctx, key) == key {
					t.Errorf("%s lacks %s", language, key)
				}
			}
		}
	}
}

func TestSinceStaysUntilTheStateChanges(t *testing.T) {
	t0 := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	ok, warn := health.Check{Name: "graph", Status: health.OK}, health.Check{Name: "graph", Status: health.Warn}
	first, changed := sinceOf(nil, []health.Check{ok}, t0)
	if !changed || first["graph"].At != t0 {
		t.Fatalf("%v %v", first, changed)
	}
	same, changed := sinceOf(first, []health.Check{ok}, t0.Add(time.Hour))
	if changed || same["graph"].At != t0 {
		t.Errorf("unchanged: %v %v", same, changed)
	}
	worse, changed := sinceOf(same, []health.Check{ok, warn, ok}, t0.Add(2*time.Hour))
	if !changed || worse["graph"] != (since{health.Warn, t0.Add(2 * time.Hour)}) {
		t.Errorf("worse: %v %v", worse, changed)
	}
	if none, changed := sinceOf(worse, nil, t0); !changed || len(none) != 0 {
		t.Errorf("gone: %v %v", none, changed)
	}
}

func TestSinceOutlivesTheProgram(t *testing.T) {
	d, now := sick(t, health.Check{Name: "disk", Status: health.OK})
	d.server.pulse.refresh(t.Context())
	_, before, _ := d.server.pulse.known()
	again := newPulse(d.server.Parts)
	again.refresh(t.Context())
	if _, after, _ := again.known(); !after["disk"].Equal(before["disk"]) {
		t.Errorf("since %v became %v", before, after)
	}
	now.Store(&[]health.Check{{Name: "disk", Status: health.Fail}})
	again.refresh(t.Context())
	if _, after, _ := again.known(); !after["disk"].After(before["disk"]) {
		t.Errorf("a changed state keeps its time: %v", after)
	}
}

func TestHealthButtons(t *testing.T) {
	d, now := sick(t, health.Check{Name: "disk", Status: health.OK, Detail: "roomy"})
	d.owner.page("/health")
	now.Store(&[]health.Check{{Name: "disk", Status: health.Fail, Detail: "full"}})
	if w := d.staff.post("/health/check", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/health?done=check" {
		t.Errorf("check: %d %s", w.Code, w.Header().Get("Location"))
	}
	if html := d.staff.page("/health?done=check"); !strings.Contains(html, "full") || !strings.Contains(html, "Checked just now") {
		t.Error("the check did not look anew")
	}
	for _, act := range []string{"reload", "warm", "retry"} {
		if w := d.staff.post("/health/"+act, url.Values{}); w.Code != http.StatusForbidden {
			t.Errorf("staff may %s: %d", act, w.Code)
		}
		if w := d.owner.post("/health/"+act, url.Values{}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/health?done="+act {
			t.Errorf("%s: %d %s", act, w.Code, w.Header().Get("Location"))
		}
	}
	rows, err := d.store.Audits(t.Context(), 0, 10)
	if err != nil || len(rows) != 3 || rows[0].User != "Olga" || rows[0].Action != "sending tried again" {
		t.Errorf("audit %v, %v", rows, err)
	}
	if html := d.owner.page("/health?done=<script>"); strings.Contains(html, "<script>\"") || strings.Contains(html, "health.done_") {
		t.Error("an unknown done is shown")
	}
}

func TestReportHoldsFiguresAndNoSecret(t *testing.T) {
	d, _ := sick(t, health.Check{Name: "disk", Status: health.Warn, Detail: "nearly full"})
	html := d.owner.page("/health")
	_, report, _ := strings.Cut(html, `id="report"`)
	report, _, _ = strings.Cut(report, "</textarea>")
	for _, want := range []string{"Astromesh test on ", "[warn] disk, since ", "nearly full", "Inbox waiting: 0", "Agent shop, version 1: builtin/faq"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report lacks %q: %s", want, report)
		}
	}
}

func TestHealthStreamSendsTheChange(t *testing.T) {
	d, now := sick(t, health.Check{Name: "disk", Status: health.OK, Detail: "roomy"})
	d.owner.page("/health")
	next := d.owner.stream("/health/stream")
	now.Store(&[]health.Check{{Name: "disk", Status: health.Fail, Detail: "full"}})
	d.server.pulse.refresh(t.Context())
	if e := next("full"); e.event != "health" {
		t.Errorf("event %+v", e)
	}
}
