package web

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"astromesh/store"
)

const hookSecret = "hook-secret"

// newHook is the public listener over a real store.
func newHook(t *testing.T, change ...func(*Parts)) (*dash, http.Handler) {
	t.Helper()
	d := newEmptyDash(t, append([]func(*Parts){func(p *Parts) {
		p.Webhook = func() WebhookSettings {
			return WebhookSettings{VerifyToken: "v", PhoneNumberID: "5", AppSecrets: []string{hookSecret}}
		}
	}}, change...)...)
	public, _ := d.server.Handlers()
	return d, public
}

func signed(body string) *http.Request {
	mac := hmac.New(sha256.New, []byte(hookSecret))
	_, _ = mac.Write([]byte(body)) // a hash takes everything
	r := httptest.NewRequest(http.MethodPost, webhookPath, strings.NewReader(body))
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	return r
}

func ask(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// payload is a POST with these elements as messages.
func payload(messages ...string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"phone_number_id":"5"},` +
		`"messages":[` + strings.Join(messages, ",") + `]},"field":"messages"}]}]}`
}

func message(id, timestamp string) string {
	return fmt.Sprintf(`{"from":"34600111222","id":%q,"timestamp":%q,"type":"text","text":{"body":"hi"}}`, id, timestamp)
}

func TestHandshake(t *testing.T) {
	_, public := newHook(t)
	const right = "?hub.mode=subscribe&hub.verify_token=v&hub.challenge="
	for query, want := range map[string]string{
		right + "11588": "11588", right + "%3Cb%3E": "<b>",
		"?hub.mode=subscribe&hub.verify_token=w&hub.challenge=1": "", "?hub.mode=subscribe&hub.challenge=1": "",
		"?hub.mode=other&hub.verify_token=v&hub.challenge=1": "", "": "",
	} {
		w := ask(public, httptest.NewRequest(http.MethodGet, webhookPath+query, nil))
		if (w.Code == http.StatusOK) != (want != "") || w.Body.String() != want || (want == "" && w.Code != http.StatusForbidden) {
			t.Errorf("%s: %d %q, want %q", query, w.Code, w.Body, want)
		}
	}
}

func TestWhatThePublicListenerAnswers(t *testing.T) {
	d, public := newHook(t)
	post := func(body string, head ...string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, webhookPath, strings.NewReader(body))
		for i := 0; i < len(head); i += 2 {
			r.Header.Set(head[i], head[i+1])
		}
		return r
	}
	chunked := signed(payload(message("m1", "1700000000")))
	chunked.ContentLength = -1
	chunkedLarge := signed(strings.Repeat(" ", maxWebhook+1))
	chunkedLarge.ContentLength = -1
	short := signed("{}")
	short.Body, short.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader("{"), failing{})), 2
	const ok = `{"status":"ok"}`
	for name, c := range map[string]struct {
		request *http.Request
		status  int
		body    string
	}{
		"good":               {signed(payload(message("m0", "1700000000"))), 200, ok},
		"without a length":   {chunked, 200, ok},
		"strange object":     {signed(`{"object":"page","entry":[{}]}`), 200, ok},
		"empty object":       {signed(`{}`), 200, ok},
		"no signature":       {post(payload(message("bad", "1700000000"))), 403, ""},
		"wrong signature":    {post(payload(message("bad", "1700000000")), "X-Hub-Signature-256", "sha256="+strings.Repeat("0", 64)), 403, ""},
		"not json":           {signed("hello"), 400, ""},
		"nothing":            {signed(""), 400, ""},
		"not an object":      {signed("[]"), 200, ok},
		"cut off":            {short, 400, ""},
		"too large":          {signed(strings.Repeat(" ", maxWebhook+1)), 413, ""},
		"too large, chunked": {chunkedLarge, 413, ""},
		"another method":     {httptest.NewRequest(http.MethodPut, webhookPath, nil), 404, ""},
		"another path":       {httptest.NewRequest(http.MethodGet, "/v1/agents", nil), 404, ""},
		"health":             {httptest.NewRequest(http.MethodGet, "/healthz", nil), 200, "ok"},
	} {
		if w := ask(public, c.request); w.Code != c.status || w.Body.String() != c.body {
			t.Errorf("%s: %d %q, want %d %q", name, w.Code, w.Body, c.status, c.body)
		}
	}
	if n, _, err := d.store.InboxWaiting(t.Context()); err != nil || n != 2 {
		t.Errorf("%d messages are stored, %v; want the two good ones", n, err)
	}
}

type failing struct{}

// Read is an io.Reader's: the caller has hung up.
func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// A time that cannot be is not worth a message, nor those beside it: what is not
// acknowledged comes again for a week.
func TestStrangeTimes(t *testing.T) {
	d, public := newHook(t)
	times := []string{"1700000000", "", "x", "-5", "0", "99999999999", "253402300800000", "999999999999999999", "9223372036854775807"}
	var messages []string
	for i, at := range times {
		messages = append(messages, message(fmt.Sprint("m", i), at))
	}
	before := store.At(time.Now())
	if w := ask(public, signed(payload(messages...))); w.Code != http.StatusOK {
		t.Fatalf("%d %q", w.Code, w.Body)
	}
	rows, broken, err := d.store.ClaimInbox(100, func([]byte) (string, store.Identity, error) {
		return "5", store.Identity{Phone: "346"}, nil
	})
	if err != nil || len(broken) > 0 || len(rows) != len(times) {
		t.Fatalf("%d rows, %d broken, %v", len(rows), len(broken), err)
	}
	for i, row := range rows {
		// Eleven digits are milliseconds.
		if now := store.At(time.Now()); i > 0 && times[i] != "99999999999" && (row.At < before || row.At > now) {
			t.Errorf("time %q stands as %v, want that of its arrival", times[i], row.At.Time())
		}
	}
	if rows[0].At.Time().Unix() != 1700000000 {
		t.Errorf("a good time stands as %v", rows[0].At.Time())
	}
}

// A mistake of the program in one webhook is no acknowledgement, and is told.
func TestAPanicIsNoAcknowledgement(t *testing.T) {
	var log bytes.Buffer
	_, public := newHook(t, func(p *Parts) {
		p.Webhook = func() WebhookSettings { panic("mistake") }
		p.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	if w := ask(public, signed(payload())); w.Code != http.StatusServiceUnavailable || w.Body.Len() > 0 {
		t.Errorf("%d %q", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "panicked") {
		t.Errorf("the log says %q", log.String())
	}
}

// Who says that much will come and sends nothing takes no memory: anybody can
// open many such requests.
func TestAnAnnouncedLengthTakesNoMemory(t *testing.T) {
	_, public := newHook(t)
	const requests = 20
	least := uint64(math.MaxUint64) // of several rounds: in one, something else may have taken memory
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range requests {
			r := httptest.NewRequest(http.MethodPost, webhookPath, failing{})
			r.ContentLength = maxWebhook
			ask(public, r)
		}
		runtime.ReadMemStats(&after)
		least = min(least, (after.TotalAlloc-before.TotalAlloc)/requests)
	}
	if least > 200<<10 {
		t.Errorf("%d bytes for a request that sent nothing", least)
	}
}
