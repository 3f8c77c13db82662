package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"astromesh/config"
	"astromesh/runtime/agent"
	"astromesh/runtime/health"
	"astromesh/runtime/model"
	"astromesh/store"
	"astromesh/store/storetest"
)

// dash is the dashboard over a real store, with an owner and a staff user signed
// in. Requests go through the real router.
type dash struct {
	t            testing.TB
	store        *store.Store
	server       *Server
	admin        http.Handler
	owner, staff *operator
}

// operator is a browser of somebody who is signed in.
type operator struct {
	*dash
	user   store.User
	cookie *http.Cookie
}

// newDash makes a dashboard; change may set other parts before it is built. An
// agent "shop" with shopRules answers with the built-in model.
func newDash(t testing.TB, change ...func(*Parts)) *dash {
	t.Helper()
	d := newEmptyDash(t, change...)
	d.owner, d.staff = d.operator("Olga", store.RoleOwner), d.operator("Sam", store.RoleStaff)
	return d
}

// newEmptyDash is newDash before the first run: there is no operator.
func newEmptyDash(t testing.TB, change ...func(*Parts)) *dash {
	t.Helper()
	st := storetest.New(t)
	doorman, err := health.NewDoorman(t.Context(), st, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(doorman.Close)
	p := Parts{
		Store: st, Agents: &agent.Registry{}, Doorman: doorman, Version: "test", Log: slog.New(slog.DiscardHandler),
		Webhook: func() WebhookSettings { return WebhookSettings{VerifyToken: "v", PhoneNumberID: "5"} },
		Arrived: func() {}, Reported: func() {}, Drafts: func() []Draft { return nil },
		Health:       func(context.Context) []health.Check { return nil },
		DefaultAgent: func() string { return "shop" },
		// Connected: what an owner sees before that is the first run's.
		Channel: func() Channel { return Channel{WhatsApp: config.WhatsApp{AccessToken: "t"}} },
	}
	p.Agents.Set([]*agent.Agent{shopAgent(t, st)})
	for _, c := range change {
		c(&p)
	}
	d := &dash{t: t, store: p.Store, server: New(p)}
	_, d.admin = d.server.Handlers()
	return d
}

const shopYAML = `apiVersion: astromesh/v1
kind: Agent
metadata: {name: shop, version: "1.0.0"}
spec:
  identity: {display_name: Shop}
  model:
    primary: {provider: builtin, model: faq, parameters: {default: "We open at nine."}}
  prompts: {system: "Be kind."}
  guardrails:
    input:
      - {type: pii_detection, action: redact}
      - {type: max_length, max_chars: 2000}
    output:
      - {type: pii_detection, action: redact}
`

func shopAgent(t testing.TB, st *store.Store) *agent.Agent {
	t.Helper()
	cfg, problems := config.ParseAgent("shop", []byte(shopYAML), func(string) (string, bool) { return "", false })
	if cfg == nil {
		t.Fatalf("the agent of the rig is wrong: %s", problems.Errors())
	}
	a, err := agent.New(cfg, 1, agent.Parts{Store: st, Servers: model.NewServers(model.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// operator adds one and signs them in without the password's slow hash.
func (d *dash) operator(name, role string) *operator {
	d.t.Helper()
	u, err := d.store.CreateUser(store.User{Name: name, Role: role, PasswordHash: "none"})
	if err != nil {
		d.t.Fatal(err)
	}
	ctx, err := d.server.sessions.Load(d.t.Context(), "")
	if err != nil {
		d.t.Fatal(err)
	}
	d.server.sessions.Put(ctx, sessionUser, u.ID)
	token, _, err := d.server.sessions.Commit(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.Sessions().Belongs(token, u.ID); err != nil {
		d.t.Fatal(err)
	}
	return &operator{dash: d, user: u, cookie: &http.Cookie{Name: sessionCookie, Value: token}}
}

func (o *operator) request(method, path string, values url.Values, header ...string) *http.Request {
	r := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(values.Encode()))
	r.Host = "127.0.0.1:8080"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if o.cookie != nil {
		r.AddCookie(o.cookie)
	}
	return r
}

// get asks for a page and gives what came back.
func (o *operator) get(path string, header ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.admin.ServeHTTP(w, o.request(http.MethodGet, path, nil, header...))
	return w
}

// post sends a form.
func (o *operator) post(path string, values url.Values, header ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.admin.ServeHTTP(w, o.request(http.MethodPost, path, values, header...))
	return w
}

// page asks for a page that must be there, and gives its HTML.
func (o *operator) page(path string, header ...string) string {
	o.t.Helper()
	w := o.get(path, header...)
	if w.Code != http.StatusOK {
		o.t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// stranger is a browser of somebody who is not signed in.
func (d *dash) stranger() *operator { return &operator{dash: d} }

// served puts the dashboard on a real listener, for streams and browsers.
func (d *dash) served() *httptest.Server {
	srv := httptest.NewServer(d.admin)
	d.t.Cleanup(func() {
		d.server.stop() // open streams end
		srv.Close()
	})
	return srv
}

// waitFor asks until it is true: for what happens behind the request.
func (d *dash) waitFor(what string, ready func() bool) {
	d.t.Helper()
	limit := time.After(30 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-limit:
			d.t.Fatalf("%s did not happen", what)
		}
	}
}

func TestPagesNeedASession(t *testing.T) {
	d := newDash(t)
	for path, want := range map[string]int{"/": http.StatusSeeOther, "/logs": http.StatusSeeOther, "/health": http.StatusSeeOther} {
		if w := d.stranger().get(path); w.Code != want {
			t.Errorf("GET %s: %d, want %d", path, w.Code, want)
		}
		if w := d.stranger().get(path, "HX-Request", "true"); w.Code != http.StatusUnauthorized {
			t.Errorf("fragment of %s: %d", path, w.Code)
		}
		if w := d.staff.get(path); w.Code != http.StatusOK {
			t.Errorf("GET %s as staff: %d", path, w.Code)
		}
	}
}
