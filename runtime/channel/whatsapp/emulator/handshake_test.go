package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestHandshake(t *testing.T) {
	challenge := func(r *http.Request) string { return r.URL.Query().Get("hub.challenge") }
	for name, c := range map[string]struct {
		ok     bool
		answer http.HandlerFunc
	}{
		"echo":        {true, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, challenge(r)) }},
		"json string": {false, func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%q", challenge(r)) }},
		"newline":     {false, func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, challenge(r)) }},
		"created":     {false, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(201); fmt.Fprint(w, challenge(r)) }},
		"forbidden":   {false, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }},
		"redirect":    {false, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }},
		"breaks":      {false, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{CallbackURL: "https://biz.test/hook?tenant=7"})
			b.SetCallbackHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				q := r.URL.Query()
				if q.Get("tenant") != "7" || q.Get("hub.mode") != "subscribe" || q.Get("hub.verify_token") != "verify me" ||
					strings.Trim(challenge(r), "0123456789") != "" || len(challenge(r)) != 10 || r.Header.Get("X-Hub-Signature-256") != "" {
					t.Errorf("handshake request %s %v", r.URL, r.Header)
				}
				c.answer(w, r)
			}))
			if err := b.Subscribe(b.ctx); (err == nil) != c.ok {
				t.Errorf("subscribe: %v", err)
			}
		})
	}
}
