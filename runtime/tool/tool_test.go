package tool

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/model"
)

func at(zone string) func() time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return func() time.Time { return time.Date(2026, 11, 23, 14, 5, 9, 0, loc) }
}

func TestDatetimeNow(t *testing.T) {
	r, problems := New([]Declared{{Name: "datetime_now"}}, Sources{Now: at("Europe/Madrid")})
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		name string
		args map[string]any
		want string // part of the answer, or of the error after "!"
	}{
		{"no arguments", nil, `"local":"Monday, 23 November 2026, 14:05","iso":"2026-11-23T14:05:09+01:00","weekday":"Monday","time_zone":"Europe/Madrid"`},
		{"another zone", map[string]any{"timezone": "Asia/Tokyo"}, "22:05"},
		{"small letters", map[string]any{"timezone": "asia/tokyo"}, "22:05"},
		{"a space", map[string]any{"TZ": "America/New York"}, "08:05"},
		{"utc", map[string]any{"timezone": "utc"}, "13:05"},
		{"the schema copied", map[string]any{"timezone": map[string]any{"type": "string"}}, "14:05"},
		{"null", map[string]any{"timezone": nil}, "14:05"},
		{"null as text", map[string]any{"timezone": "null"}, "14:05"},
		{"a number", map[string]any{"timezone": 5.0}, `!no time zone "5"`},
		{"a way out of the folder", map[string]any{"timezone": "../../etc/passwd"}, "!no time zone"},
		{"very long", map[string]any{"timezone": strings.Repeat("é", 5000)}, "!no time zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.Call(t.Context(), "datetime_now", Call{Arguments: c.args})
			want, fails := strings.CutPrefix(c.want, "!")
			switch {
			case fails && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("error %v, want %q", err, want)
			case fails && len(err.Error()) > 200:
				t.Errorf("the error repeats %d bytes to the model", len(err.Error()))
			case !fails && (err != nil || !strings.Contains(got, want)):
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func TestDatetimeNowZoneFromConfig(t *testing.T) {
	r, problems := New([]Declared{{Name: "datetime_now", Config: map[string]any{"timezone": "America/Bogota"}}}, Sources{Now: at("UTC")})
	if got, err := r.Call(t.Context(), "datetime_now", Call{}); err != nil || !strings.Contains(got, "09:05") {
		t.Errorf("got %q, %v, problems %v", got, err, problems)
	}
	_, problems = New([]Declared{{Name: "datetime_now", Config: map[string]any{"timezone": "Mars/Base"}}}, Sources{})
	if len(problems) != 1 || !strings.Contains(problems[0], "Mars/Base") {
		t.Errorf("problems %q", problems)
	}
}

func TestUserContextNeverTellsTheNumber(t *testing.T) {
	src := Sources{UserContext: func(_ context.Context, session string) (map[string]any, error) {
		return map[string]any{"language": "es", "messages": 4, "phone": "x", "session_id": session,
			"note": "call +34 600-111-222", "wa_id": "34600111222", "first": "2026-11-01"}, nil
	}}
	r, _ := New([]Declared{{Name: "get_user_context"}}, src)
	got, err := r.Call(t.Context(), "get_user_context", Call{SessionID: "wa_34600111222", Contact: Contact{Name: "Ana"}})
	if want := `{"first":"2026-11-01","language":"es","messages":4,"name":"Ana"}`; err != nil || got != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	r, _ = New([]Declared{{Name: "get_user_context"}}, Sources{})
	if _, err := r.Call(t.Context(), "get_user_context", Call{}); err == nil || !strings.Contains(err.Error(), "nothing is known") {
		t.Errorf("nobody known: %v", err)
	}
}

func TestRegistryNamesWhatItCannotProvide(t *testing.T) {
	r, problems := New([]Declared{
		{Name: "datetime_now", Type: "builtin"}, {Name: "read_file", Type: "builtin"},
		{Name: "docs", Type: "rag"}, {Name: "datetime_now"}, {Name: "get_user_context", Description: "Who is it?"},
	}, Sources{})
	if want := []string{"datetime_now", "get_user_context"}; !slices.Equal(r.Names(), want) {
		t.Errorf("names %v, want %v", r.Names(), want)
	}
	for i, part := range []string{"spec.tools[1]: tool \"read_file\"", "rag, which is not acted on", "spec.tools[3]: tool \"datetime_now\" is listed twice"} {
		if i >= len(problems) || !strings.Contains(problems[i], part) {
			t.Fatalf("problems %q, want %q in number %d", problems, part, i)
		}
	}
	if got := r.Specs()[1].Description; got != "Who is it?" {
		t.Errorf("description %q", got)
	}
	r.Keep([]string{"get_user_context", "other"})
	if r.Has("datetime_now") || !r.Has("get_user_context") || len(r.Specs()) != 1 {
		t.Errorf("kept %v", r.Names())
	}
	if _, err := r.Call(t.Context(), "datetime_now", Call{}); err == nil {
		t.Error("a tool that is not allowed was called")
	}
	for _, s := range r.Specs() {
		if !json.Valid(s.Parameters) || s.Description == "" {
			t.Errorf("spec %+v", s)
		}
	}
}

// scripted is a tool that does what a test says.
type scripted func(ctx context.Context, c Call) (string, error)

func (s scripted) Spec() model.ToolSpec { return model.ToolSpec{Name: "scripted"} }

func (s scripted) Call(ctx context.Context, c Call) (string, error) { return s(ctx, c) }

func registryOf(s scripted, max int) *Registry {
	return &Registry{names: []string{"scripted"}, tools: map[string]*limited{
		"scripted": {tool: s, rate: newRate(Declared{MaxCalls: max}, time.Now)},
	}}
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := registryOf(func(context.Context, Call) (string, error) { return "ok", nil }, 2)
		call := func() error { _, err := r.Call(t.Context(), "scripted", Call{}); return err }
		for range 2 {
			if err := call(); err != nil {
				t.Fatalf("the first two calls are allowed: %v", err)
			}
		}
		if err := call(); err == nil || !strings.Contains(err.Error(), "at most 2 times in 1m0s") {
			t.Fatalf("third call: %v", err)
		}
		timer := time.NewTimer(time.Minute)
		<-timer.C
		if err := call(); err != nil {
			t.Errorf("a window later: %v", err)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{`{}`, `{"timezone":"UTC"}`, `{"TZ":1e300}`, `{"tz":null}`, `{"timezone":["a"]}`, `[]`} {
		f.Add(seed)
	}
	r, _ := New([]Declared{{Name: "datetime_now"}}, Sources{Now: at("UTC")})
	f.Fuzz(func(t *testing.T, raw string) {
		var args map[string]any
		if json.Unmarshal([]byte(raw), &args) != nil {
			return
		}
		got, err := r.Call(t.Context(), "datetime_now", Call{Arguments: args})
		if err == nil && !json.Valid([]byte(got)) {
			t.Errorf("%s: %s", raw, got)
		}
		if len(got) > maxResult+60 {
			t.Errorf("%d bytes", len(got))
		}
	})
}
