package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
	"astromesh/store/storetest"
)

// TestPhoneStops lets a server with an open page shut down.
func TestPhoneStops(t *testing.T) {
	r := newPhoneRig(t)
	r.stream()(`id="typing"`)
	ctx, cancel := context.WithTimeout(r.ctx, phonePatience/2) // the page would wait for longer
	defer cancel()
	if err := r.server.Config.Shutdown(ctx); err != nil {
		t.Fatalf("the server did not stop: %v", err)
	}
}

// TestPhoneWithoutCallback says in words that nothing was sent.
func TestPhoneWithoutCallback(t *testing.T) {
	meta := emulator.New(emulator.Config{})
	t.Cleanup(meta.Close)
	h := NewPhone(PhoneOptions{Meta: meta, From: phoneFrom, Store: func() *store.Store { return nil }})
	req := httptest.NewRequest(http.MethodPost, "http://localhost/phone/send", strings.NewReader("text=hello"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "could not be handed to the program") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestPhoneBeforeStore shows the events once the program has a store.
func TestPhoneBeforeStore(t *testing.T) {
	s := storetest.New(t)
	var up atomic.Pointer[store.Store]
	meta := emulator.New(emulator.Config{})
	t.Cleanup(meta.Close)
	server := httptest.NewServer(NewPhone(PhoneOptions{Meta: meta, From: phoneFrom, Store: up.Load}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), phonePatience)
	t.Cleanup(cancel)
	r := &phoneRig{t: t, ctx: ctx, meta: meta, store: s, server: server}
	next := r.stream()
	next(`id="typing"`)
	up.Store(s)
	s.Log(store.Event{Kind: store.EventSystem, Stage: "system", Text: "The configuration was read again."})
	next("The configuration was read again.")
	s.Log(store.Event{Kind: store.EventModel, Level: "warn", Stage: "model", Text: "No model can be reached."})
	next("No model can be reached.") // the store alone woke the stream
}

// TestPhoneTypingGoesOut takes the typing sign away by itself after 25 seconds,
// and keeps a quiet stream open.
func TestPhoneTypingGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		meta := emulator.New(emulator.Config{AccessTokens: []string{"token"}, PhoneNumberID: "1065"})
		meta.SetCallbackHandler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		h := NewPhone(PhoneOptions{Meta: meta, From: phoneFrom, Store: func() *store.Store { return nil }})
		r := &phoneRig{t: t, ctx: t.Context(), meta: meta}
		if err := meta.Deliver(meta.Text(emulator.User{Phone: phoneFrom}, "hello")).Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.typing()
		ctx, cancel := context.WithCancel(t.Context())
		w := newLiveRecorder()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:8080/phone/stream", nil))
		}()
		time.Sleep(24 * time.Second) // of the bubble's clock
		synctest.Wait()
		if got := w.text(); !strings.Contains(got, "typing…") || strings.Contains(got, "online") || !strings.Contains(got, ": still here") {
			t.Errorf("after 24 s: %s", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := w.text(); !strings.Contains(got, "online") {
			t.Errorf("after 26 s: %s", got)
		}
		cancel()
		<-ended
		meta.Close()
	})
}

// liveRecorder is a response that can be read while it is written.
type liveRecorder struct {
	header http.Header
	parts  chan string
}

func newLiveRecorder() *liveRecorder {
	return &liveRecorder{header: http.Header{}, parts: make(chan string, 1000)}
}

func (w *liveRecorder) Header() http.Header { return w.header }
func (w *liveRecorder) WriteHeader(int)     {}
func (w *liveRecorder) Flush()              {}
func (w *liveRecorder) Write(b []byte) (int, error) {
	w.parts <- string(b)
	return len(b), nil
}
func (w *liveRecorder) WriteString(s string) (int, error) {
	w.parts <- s
	return len(s), nil
}

// text is what was written since the last call.
func (w *liveRecorder) text() string {
	var b strings.Builder
	for len(w.parts) > 0 {
		b.WriteString(<-w.parts)
	}
	return b.String()
}
