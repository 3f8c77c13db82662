package whatsapp

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp/emulator"
)

const (
	testApp       = "1000000000000001"
	testAppSecret = "0123456789abcdef0123456789abcdef"
)

// callbackThat answers Meta's handshake if the verify token is right.
func callbackThat(token string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := VerifyChallenge(r.URL.Query(), token)
		if !ok {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		io.WriteString(w, answer)
	})
}

func TestSubscribe(t *testing.T) {
	client, meta := emulated(t, emulator.Config{AppID: testApp, AppSecret: testAppSecret, NotSubscribed: true})
	ctx := t.Context()
	if err := client.Subscribe(ctx, testWABA); err != nil {
		t.Fatal(err)
	}
	if err := client.Subscribe(ctx, testWABA); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if apps, err := client.SubscribedApps(ctx, testWABA); err != nil || len(apps) != 1 {
		t.Errorf("apps: %+v, %v", apps, err)
	}
	if e := sendError(t, client.Subscribe(ctx, "4711")); e.Code == 0 {
		t.Errorf("unknown account: %+v", e)
	}
	meta.SetCallbackHandler(callbackThat("secret word"))
	const callback = "https://shop.example/v1/channels/whatsapp/webhook"
	if e := sendError(t, client.SubscribeApp(ctx, testApp, testAppSecret, callback, "wrong word")); e.Code != 2200 || e.Outcome != channel.Refused {
		t.Errorf("wrong verify token: %+v", e)
	}
	if err := client.SubscribeApp(ctx, testApp, testAppSecret, callback, "secret word"); err != nil {
		t.Fatal(err)
	}
	sub, err := client.AppSubscription(ctx, testApp, testAppSecret)
	if err != nil || sub.Callback != callback || !sub.Active || !slices.Contains(sub.Fields, "messages") {
		t.Errorf("%+v, %v", sub, err)
	}
}

func TestAppSecretIsTested(t *testing.T) {
	client, _ := emulated(t, emulator.Config{AppID: testApp, AppSecret: testAppSecret})
	for name, c := range map[string]struct{ app, secret string }{
		"another secret": {testApp, strings.Repeat("f", 32)}, "another app": {"4711", testAppSecret},
		"no secret": {testApp, ""}, "no app": {"", testAppSecret}, "a header in it": {testApp, "a\r\nX: y"}, "a path in it": {"../me", testAppSecret},
	} {
		for what, err := range map[string]error{
			"ask": second(client.AppSubscription(t.Context(), c.app, c.secret)), "set": client.SubscribeApp(t.Context(), c.app, c.secret, "https://shop.example", "v"),
		} {
			if e := sendError(t, err); e.Reason == "" || c.secret != "" && strings.Contains(e.Error()+e.Reason, c.secret) {
				t.Errorf("%s, %s: %+v", name, what, e)
			}
		}
	}
}

// TestStrangeAnswersToOrders: only "success" is one.
func TestStrangeAnswersToOrders(t *testing.T) {
	for _, body := range []string{`{}`, `{"success":false}`, `{"success":"no"}`, `[]`, `<html>`, ``} {
		client, _ := graphServer(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) })
		if e := sendError(t, client.Subscribe(t.Context(), testWABA)); e.Outcome != channel.Unknown {
			t.Errorf("%q: %+v", body, e)
		}
		if _, err := client.AppSubscription(t.Context(), testApp, testAppSecret); err == nil && body != `{"data":[]}` {
			t.Errorf("%q: no error", body)
		}
	}
}
