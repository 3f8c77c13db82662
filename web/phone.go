package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
	"astromesh/web/static"
	"astromesh/web/view"
)

const (
	// maxPhoneText is the longest text a customer can write, in characters
	// (WhatsApp's own bound for a message between people).
	maxPhoneText = 65536
	// maxPhoneForm is the longest form, in bytes: each character of a text as
	// three escaped UTF-8 bytes, and the field's name.
	maxPhoneForm = 9*maxPhoneText + 1024
	// phoneTakes is how long a send waits for the program to take the message.
	// A message that is not taken by then stays on its way, as at Meta.
	phoneTakes = 2 * time.Second
)

// PhoneOptions are what the demo's page shows.
type PhoneOptions struct {
	Meta *emulator.Emulator // whose customer writes
	From string             // the customer's number, digits
	// Store gives the program's store, nil until the program is up.
	Store func() *store.Store
	Model string // on Ollama that answers; "" for the built-in responder
	// Enter makes a link that opens the dashboard once, "" until the program is
	// up. Who can open the demo's page may see what is behind it: all is made up.
	Enter func() string
}

// phone is the demo's page: a customer's telephone beside what happens inside.
type phone struct {
	PhoneOptions
	user     emulator.User
	handset  *emulator.Phone
	stopping context.Context // ends when the server does, and with it every stream
	stop     context.CancelFunc
	once     sync.Once
}

// NewPhone serves the demo's page at /phone and what it needs below it and
// /static, in the language of the request's context. It answers to the names of this machine only, and does not itself
// check where a POST comes from: put http.CrossOriginProtection before it.
func NewPhone(o PhoneOptions) http.Handler {
	p := &phone{PhoneOptions: o, user: emulator.User{Phone: strings.TrimPrefix(o.From, "+"), Name: "Ana"}}
	p.handset = o.Meta.Phone(p.user)
	p.stopping, p.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /phone", p.page)
	mux.HandleFunc("GET /phone/stream", p.stream)
	mux.HandleFunc("POST /phone/send", p.send)
	mux.HandleFunc("POST /phone/extra/{kind}", p.extra)
	if p.Enter != nil {
		mux.HandleFunc("POST /phone/dashboard", p.dashboard)
	}
	mux.HandleFunc("GET "+picturePath, servePicture)
	mux.Handle("GET "+static.Prefix, static.Handler())
	return onlyThisMachine(secureHeaders(mux))
}

func (p *phone) page(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	now, err := p.look(ctx)
	if err != nil {
		http.Error(w, view.T(ctx, "phone.stopping"), http.StatusServiceUnavailable)
		return
	}
	page := view.PhonePage{
		Shop: p.Meta.Number().Name, Model: p.Model, Dashboard: p.Enter != nil, Phone: now, State: stateOf(ctx, now),
		Assets: view.PhoneAssets{
			Style: static.Path("phone.css"), Script: static.Path("phone.js"), Icon: static.Path("icon.svg"),
			HTMX: static.Path("htmx/htmx.min.js"), SSE: static.Path("htmx-ext-sse/sse.min.js"),
		},
	}
	var b bytes.Buffer // so that an error is not half a page
	if err := view.PhoneScreen(page).Render(ctx, &b); err != nil {
		http.Error(w, view.T(ctx, "phone.not_shown"), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(b.Bytes()) // the reader has gone: nobody to tell
}

// dashboard leads there, signed in. The link's own host is left out: the page may
// have been opened by another name of this machine.
func (p *phone) dashboard(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	link, err := url.Parse(p.Enter())
	if err != nil || link.Path == "" {
		http.Error(w, view.T(ctx, "phone.no_dashboard"), http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, link.RequestURI(), http.StatusSeeOther)
}

// stateOf stands for the chat as it looks, in the reader's language.
func stateOf(ctx context.Context, now view.Phone) string {
	var b bytes.Buffer
	_ = view.PhoneLines(now.Lines).Render(ctx, &b) // a buffer takes everything; who has gone needs no state
	sum := sha256.Sum256(b.Bytes())
	return hex.EncodeToString(sum[:8])
}

// send writes what the form holds, as the customer.
func (p *phone) send(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	r.Body = http.MaxBytesReader(w, r.Body, maxPhoneForm)
	err := r.ParseForm()
	text := strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(r.PostFormValue("text"), "\uFFFD"), "\r\n", "\n"))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), utf8.RuneCountInString(text) > maxPhoneText:
		http.Error(w, view.T(ctx, "phone.too_long"), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, view.T(ctx, "phone.no_form"), http.StatusBadRequest)
		return
	case text == "":
		done(w, r) // nothing written, nothing sent
		return
	}
	p.deliver(w, r, p.Meta.Text(p.user, text))
}

// extra sends something prepared.
func (p *phone) extra(w http.ResponseWriter, r *http.Request) {
	items := p.prepared(r.Context(), r.PathValue("kind"))
	if len(items) == 0 {
		http.NotFound(w, r)
		return
	}
	p.deliver(w, r, items...)
}

// deliver hands messages to the program one after the other, as Meta would.
func (p *phone) deliver(w http.ResponseWriter, r *http.Request, items ...emulator.Item) {
	ctx, cancel := context.WithTimeout(r.Context(), phoneTakes)
	defer cancel()
	err := p.Meta.DeliverPlan(emulator.Plan{Separate: true}, items...).Wait(ctx)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		http.Error(w, view.T(ctx, "phone.not_handed"), http.StatusServiceUnavailable)
		return
	}
	done(w, r)
}

// done answers a form: the message comes through the stream, or, without
// scripts, with the page.
func done(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("HX-Request") == "true" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, "/phone", http.StatusSeeOther)
}
