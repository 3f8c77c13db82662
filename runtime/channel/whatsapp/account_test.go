package whatsapp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/channel"
	"astromesh/runtime/channel/whatsapp/emulator"
)

const testWABA = "2000000000000002"

// emulated is a client of a Meta that the test plays.
func emulated(t *testing.T, config emulator.Config) (*Client, *emulator.Emulator) {
	t.Helper()
	config.AccessTokens, config.PhoneNumberID, config.WABAID = []string{testToken}, ownAccount, testWABA
	meta := emulator.New(config)
	t.Cleanup(meta.Close)
	return NewClient(Config{GraphURL: meta.URL(), Version: func() string { return "v25.0" }, Token: func() string { return testToken }, HTTP: meta.Client()}), meta
}

func TestAccountQuestions(t *testing.T) {
	client, meta := emulated(t, emulator.Config{VerifiedName: "Crumb & Ember"})
	ctx := t.Context()
	token, err := client.DebugToken(ctx)
	if err != nil || !token.Valid || token.Type != "SYSTEM_USER" || token.AppID != "1000000000000001" || !token.ExpiresAt.IsZero() ||
		!slices.Contains(token.Scopes, "whatsapp_business_messaging") {
		t.Errorf("token: %+v, %v", token, err)
	}
	number, err := client.PhoneNumber(ctx, ownAccount)
	if err != nil || number.VerifiedName != "Crumb & Ember" || number.Quality != "GREEN" || number.Status != "CONNECTED" {
		t.Errorf("number: %+v, %v", number, err)
	}
	apps, err := client.SubscribedApps(ctx, testWABA)
	if err != nil || len(apps) != 1 || apps[0].ID != token.AppID {
		t.Errorf("apps: %+v, %v", apps, err)
	}
	if _, err := client.PhoneNumber(ctx, "4711"); sendError(t, err).Code == 0 {
		t.Errorf("unknown number: %v", err)
	}
	meta.ExpireToken(testToken)
	for name, err := range map[string]error{
		"token": second(client.DebugToken(ctx)), "number": second(client.PhoneNumber(ctx, ownAccount)), "apps": second(client.SubscribedApps(ctx, testWABA)),
	} {
		if e := sendError(t, err); e.Outcome != channel.TokenRefused || e.Subcode != 463 || !strings.Contains(e.Reason, "expired") {
			t.Errorf("%s with an expired token: %+v", name, e)
		}
	}
}

func TestNotSubscribed(t *testing.T) {
	client, _ := emulated(t, emulator.Config{NotSubscribed: true})
	if apps, err := client.SubscribedApps(t.Context(), testWABA); err != nil || len(apps) != 0 {
		t.Errorf("%+v, %v", apps, err)
	}
}

func second[T any](_ T, err error) error { return err }

// questions calls all three.
func questions(ctx context.Context, client *Client) map[string]error {
	return map[string]error{
		"token": second(client.DebugToken(ctx)), "number": second(client.PhoneNumber(ctx, ownAccount)), "apps": second(client.SubscribedApps(ctx, testWABA)),
	}
}

// TestQuestionsKeepTheTokenOutOfTheAddress, whatever the question.
func TestQuestionsKeepTheTokenOutOfTheAddress(t *testing.T) {
	client, _ := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.RequestURI, testToken) || r.Header.Get("Authorization") != "Bearer "+testToken {
			t.Errorf("%s with %q", r.RequestURI, r.Header.Get("Authorization"))
		}
		if strings.Contains(r.URL.Path, "debug_token") && (r.FormValue("input_token") != testToken || r.FormValue("method") != "get") {
			t.Errorf("form %v", r.Form)
		}
		io.WriteString(w, `{"id":"1","data":{"is_valid":"true"}}`)
	})
	questions(t.Context(), client)
}

// TestStrangeAnswers: Meta's side may say anything.
func TestStrangeAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		outcome channel.Outcome
	}{
		"proxy":          {502, proxyPage, channel.Unknown},
		"page with 200":  {200, proxyPage, channel.Unknown},
		"nothing":        {200, "", channel.Unknown},
		"other JSON":     {200, `{"success":true}`, channel.Unknown},
		"wrong types":    {200, `{"data":7,"id":[]}`, channel.Unknown},
		"limit":          {400, graphErrorBody("80007", ""), channel.Rejected},
		"no permission":  {403, graphErrorBody("10", ""), channel.Refused},
		"unknown number": {400, graphErrorBody("100", `,"error_subcode":33`), channel.Refused},
		"error in a 200": {200, graphErrorBody("190", ""), channel.TokenRefused},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := graphServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			for what, err := range questions(t.Context(), client) {
				e := sendError(t, err)
				if e.Outcome != c.outcome || e.Reason == "" {
					t.Errorf("%s: %+v", what, e)
				}
				if strings.Contains(e.Error()+e.Reason, testToken) || c.outcome != channel.TokenRefused && strings.Contains(e.Reason, "message is") {
					t.Errorf("%s says %q, %q", what, e.Error(), e.Reason)
				}
			}
		})
	}
}

func TestInvalidToken(t *testing.T) {
	client, _ := graphServer(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"data":{"error":{"code":190,"subcode":463},"is_valid":false,"expires_at":1700000000,"scopes":[]}}`)
	})
	info, err := client.DebugToken(t.Context())
	if err != nil || info.Valid || info.Subcode != 463 || !strings.Contains(info.Reason, "expired") || info.ExpiresAt.Unix() != 1700000000 {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestQuestionTimeout runs on a clock of its own: 5 s without an answer.
func TestQuestionTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		client := NewClient(Config{GraphURL: "http://graph.example", Token: func() string { return testToken }, HTTP: &http.Client{Transport: silent}})
		begin := time.Now()
		_, err := client.PhoneNumber(t.Context(), ownAccount)
		if e := sendError(t, err); !errors.Is(e, context.DeadlineExceeded) || time.Since(begin) != questionTimeout {
			t.Errorf("after %v: %+v", time.Since(begin), e)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestQuestionsNeedCredentials(t *testing.T) {
	client := NewClient(Config{GraphURL: "http://graph.example"})
	for what, err := range questions(t.Context(), client) {
		if e := sendError(t, err); e.Outcome != channel.TokenRefused || e.Status != 0 {
			t.Errorf("%s: %+v", what, e)
		}
	}
}

// FuzzAccountAnswers: whatever comes back is a value or an error with a reason,
// and tells the token to nobody.
func FuzzAccountAnswers(f *testing.F) {
	f.Add(200, `{"id":"1","verified_name":"x","quality_rating":"GREEN"}`)
	f.Add(200, `{"data":{"is_valid":true,"expires_at":"1700000000","scopes":["a",7,null]}}`)
	f.Add(200, `{"data":[{"whatsapp_business_api_data":{"id":1}},7,null,{"override_callback_uri":[]}]}`)
	f.Add(400, graphErrorBody("100", `,"error_subcode":33`))
	f.Add(502, proxyPage)
	f.Fuzz(func(t *testing.T, status int, body string) {
		answer := roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})
		client := NewClient(Config{GraphURL: "http://graph.example", Token: func() string { return testToken }, HTTP: &http.Client{Transport: answer}})
		for what, err := range questions(t.Context(), client) {
			var failed *channel.SendError
			if err != nil && (!errors.As(err, &failed) || failed.Reason == "" || strings.Contains(failed.Error()+failed.Reason, testToken)) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
