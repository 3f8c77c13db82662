package whatsapp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/runtime/channel"
)

const testToken = "EAAGm0PX4ZCpsBAsecretsecret"

// graphServer is a server that stands for Graph, and a client of it.
func graphServer(t *testing.T, handle http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	client := NewClient(Config{GraphURL: server.URL, Version: func() string { return "v25.0" }, Token: func() string { return testToken }, UserAgent: "astromesh/test"})
	t.Cleanup(client.http.CloseIdleConnections)
	return client, server
}

func testOutbound() channel.Outbound {
	return channel.Outbound{ID: "out-17", Account: ownAccount, To: channel.Customer{Phone: "34600111222", UserID: "ES.1"}, Text: "Hola <b> & \"é\" 🍕"}
}

const acceptedAnswer = `{"messaging_product":"whatsapp","contacts":[{"input":"34600111222","wa_id":"34600111223","user_id":"ES.1"}],"messages":[{"id":"wamid.OUT=="}]}`

func TestSendRequest(t *testing.T) {
	for _, c := range []struct {
		name string
		to   channel.Customer
		want map[string]string
	}{
		{"phone", channel.Customer{Phone: "34600111222", UserID: "ES.1"}, map[string]string{"to": "34600111222"}},
		{"user id", channel.Customer{UserID: "ES.1"}, map[string]string{"recipient": "ES.1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var body map[string]any
			var request *http.Request
			client, _ := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
				request = r
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					t.Error(err)
				}
				io.WriteString(w, acceptedAnswer)
			})
			out := testOutbound()
			out.To = c.to
			receipt, err := client.Send(t.Context(), out)
			if err != nil {
				t.Fatal(err)
			}
			if receipt != (channel.Receipt{MessageID: "wamid.OUT==", Phone: "34600111223", UserID: "ES.1"}) {
				t.Errorf("receipt %+v", receipt)
			}
			if got := request.Method + " " + request.URL.String(); got != "POST /v25.0/"+ownAccount+"/messages" {
				t.Error(got)
			}
			h := request.Header
			if h.Get("Authorization") != "Bearer "+testToken || h.Get("Content-Type") != "application/json" || h.Get("User-Agent") != "astromesh/test" {
				t.Errorf("headers %v", h)
			}
			want := map[string]any{"messaging_product": "whatsapp", "recipient_type": "individual", "type": "text",
				"text": map[string]any{"body": out.Text}, "biz_opaque_callback_data": "out-17"}
			for k, v := range c.want {
				want[k] = v
			}
			compareJSON(t, body, want)
		})
	}
}

func compareJSON(t *testing.T, got, want any) {
	t.Helper()
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}

func TestMarkReadRequest(t *testing.T) {
	for typing, want := range map[bool]string{
		false: `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN=="}`,
		true:  `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN==","typing_indicator":{"type":"text"}}`,
	} {
		var got []byte
		client, _ := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
			got, _ = io.ReadAll(r.Body)
			io.WriteString(w, `{"success":true}`)
		})
		if err := client.MarkRead(t.Context(), ownAccount, "wamid.IN==", typing); err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("sent %s", got)
		}
	}
}

// TestSendRefusesWithoutCalling: what cannot succeed must not reach Graph.
func TestSendRefusesWithoutCalling(t *testing.T) {
	var calls atomic.Int32
	_, server := graphServer(t, func(http.ResponseWriter, *http.Request) { calls.Add(1) })
	now := time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		change func(*channel.Outbound, *Config)
		want   channel.Outcome
		code   int
	}{
		{"window", func(o *channel.Outbound, _ *Config) { o.LastInboundAt = now.Add(-24*time.Hour - time.Second) }, channel.WindowClosed, 131047},
		{"no token", func(_ *channel.Outbound, c *Config) { c.Token = nil }, channel.TokenRefused, 0},
		{"blank token", func(_ *channel.Outbound, c *Config) { c.Token = func() string { return " \n" } }, channel.TokenRefused, 0},
		{"empty text", func(o *channel.Outbound, _ *Config) { o.Text = "" }, channel.Refused, 0},
		{"long text", func(o *channel.Outbound, _ *Config) { o.Text = strings.Repeat("ñ", 4097) }, channel.Refused, 0},
		{"nobody", func(o *channel.Outbound, _ *Config) { o.To = channel.Customer{} }, channel.Refused, 0},
		{"no account", func(o *channel.Outbound, _ *Config) { o.Account = "" }, channel.Refused, 0},
		{"odd account", func(o *channel.Outbound, _ *Config) { o.Account = "../me" }, channel.Refused, 0},
		{"bad graph", func(_ *channel.Outbound, c *Config) { c.GraphURL = "ftp://x" }, channel.Refused, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := Config{GraphURL: server.URL, Token: func() string { return testToken }, Now: func() time.Time { return now }}
			out := testOutbound()
			c.change(&out, &config)
			_, err := NewClient(config).Send(t.Context(), out)
			failed := sendError(t, err)
			if failed.Outcome != c.want || failed.Code != c.code || failed.Reason == "" {
				t.Errorf("%+v", failed)
			}
		})
	}
	if calls.Load() != 0 {
		t.Errorf("%d calls reached Graph", calls.Load())
	}
	client, _ := graphServer(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, acceptedAnswer) })
	client.config.Now = func() time.Time { return now }
	out := testOutbound()
	out.LastInboundAt, out.Text = now.Add(-24*time.Hour), strings.Repeat("ñ", 4096)
	if _, err := client.Send(t.Context(), out); err != nil {
		t.Errorf("within the window: %v", err)
	}
}

func sendError(t *testing.T, err error) *channel.SendError {
	t.Helper()
	var failed *channel.SendError
	if !errors.As(err, &failed) {
		t.Fatalf("error %v is no SendError", err)
	}
	return failed
}
