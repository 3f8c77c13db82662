package emulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// subscribedApps is /{waba_id}/subscribed_apps: without it the app gets no
// webhook of the account. A POST may name an override URL, which is verified.
func (e *Emulator) subscribedApps(q *request) {
	switch q.r.Method {
	case http.MethodGet:
		e.answer(q, http.StatusOK, object{}.with("data", e.subscribedAppList()))
	case http.MethodPost:
		form := parameters(q.r)
		override := form.Get("override_callback_uri")
		if override != "" {
			if err := e.handshake(q.r.Context(), override, form.Get("verify_token")); err != nil {
				e.refuse(q, unverified(err))
				return
			}
		}
		e.setJoined(true, override)
		e.success(q)
	case http.MethodDelete:
		e.setJoined(false, "")
		e.success(q)
	default:
		e.refuse(q, noObject(q))
	}
}

func (e *Emulator) setJoined(joined bool, override string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.joined, e.override = joined, override
}

func (e *Emulator) subscribedAppList() []object {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.joined {
		return []object{}
	}
	app := object{}.with("whatsapp_business_api_data", object{}.
		with("link", "https://www.facebook.com/games/?app_id="+e.cfg.AppID).
		with("name", "Emulated App").with("id", e.cfg.AppID))
	return []object{app.opt("override_callback_uri", e.override)}
}

// unverified is the refusal of a callback that failed the handshake.
func unverified(err error) graphError {
	return graphError{http: http.StatusBadRequest, code: 2200,
		message: "Callback verification failed with the following errors: " + err.Error()}
}

// subscriptions is /{app_id}/subscriptions, which wants the app's own token.
func (e *Emulator) subscriptions(q *request) {
	if bearer(q.r) != e.appToken() {
		e.refuse(q, graphError{http: http.StatusBadRequest, code: 15,
			message: "This method must be called with an app access_token."})
		return
	}
	switch q.r.Method {
	case http.MethodGet:
		e.answer(q, http.StatusOK, object{}.with("data", e.subscriptionList(q.version)))
	case http.MethodPost:
		e.subscribeApp(q)
	case http.MethodDelete:
		e.mu.Lock()
		e.fields = map[string]bool{}
		e.mu.Unlock()
		e.success(q)
	default:
		e.refuse(q, noObject(q))
	}
}

func (e *Emulator) subscribeApp(q *request) {
	form := parameters(q.r)
	callback, fields := form.Get("callback_url"), form.Get("fields")
	if form.Get("object") != "whatsapp_business_account" || callback == "" || fields == "" {
		e.refuse(q, refusal(100, "object, callback_url and fields are required"))
		return
	}
	if err := e.handshake(q.r.Context(), callback, form.Get("verify_token")); err != nil {
		e.refuse(q, unverified(err))
		return
	}
	e.mu.Lock()
	e.callback, e.fields = callback, map[string]bool{}
	for _, f := range strings.Split(fields, ",") {
		e.fields[strings.TrimSpace(f)] = true
	}
	e.mu.Unlock()
	e.success(q)
}

func (e *Emulator) subscriptionList(version string) []object {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.callback == "" || e.fields != nil && len(e.fields) == 0 {
		return []object{}
	}
	names := []string{"messages"}
	if e.fields != nil {
		names = names[:0]
		for f := range e.fields {
			names = append(names, f)
		}
		slices.Sort(names)
	}
	var fields []object
	for _, name := range names {
		fields = append(fields, object{}.with("name", name).with("version", version))
	}
	return []object{object{}.with("object", "whatsapp_business_account").
		with("callback_url", e.callback).with("active", true).with("fields", fields)}
}

// parameters reads a call's parameters wherever Graph takes them from: query,
// form or JSON body.
func parameters(r *http.Request) url.Values {
	values := r.URL.Query()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return values
	}
	var fields map[string]any
	if json.Unmarshal(body, &fields) == nil {
		for key, v := range fields {
			if s, ok := v.(string); ok {
				values.Set(key, s)
			}
		}
		return values
	}
	if form, err := url.ParseQuery(string(body)); err == nil {
		for key := range form {
			values.Set(key, form.Get(key))
		}
	}
	return values
}
