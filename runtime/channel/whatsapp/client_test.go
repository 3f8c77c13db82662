package whatsapp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"astromesh/runtime/channel"
)

const testToken = "EAAGm0PX4ZCpsBAsecretsecret"

// graphServer is a server that stands for Graph, and a client of it.
func graphServer(t *testing.T, handle http.HandlerFunc) (*Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	client := NewClient(Config{GraphURL: server.URL, Version: "v25.0", Token: func() string { return testToken }, UserAgent: "astromesh/test"})
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

func graphErrorBody(code string, more string) string {
	return `{"error":{"message":"(#` + code + `) words about +34 600 111 222 and ` + testToken + `","type":"OAuthException","code":` + code + more +
		`,"error_data":{"messaging_product":"whatsapp","details":"details"},"fbtrace_id":"AbC"}}`
}

func TestSendOutcomes(t *testing.T) {
	const html = "<html><body>502 Bad Gateway</body></html>"
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   channel.Outcome
	}{
		{"4", 400, graphErrorBody("4", ""), channel.Rejected},
		{"80007", 403, graphErrorBody("80007", ""), channel.Rejected},
		{"130429", 400, graphErrorBody("130429", ""), channel.Rejected},
		{"131056", 429, graphErrorBody("131056", ""), channel.PairLimited},
		{"transient", 400, graphErrorBody("139999", `,"is_transient":true`), channel.Rejected},
		{"transient 100", 400, graphErrorBody("100", `,"is_transient":true`), channel.Rejected},
		{"transient 131000", 500, graphErrorBody("131000", `,"is_transient":true`), channel.Unknown},
		{"transient 190", 401, graphErrorBody("190", `,"is_transient":true`), channel.TokenRefused},
		{"133004", 503, graphErrorBody("133004", ""), channel.Rejected},
		{"131057", 500, graphErrorBody("131057", ""), channel.Rejected},
		{"0", 401, graphErrorBody("0", ""), channel.TokenRefused},
		{"190", 400, graphErrorBody("190", `,"error_subcode":463`), channel.TokenRefused},
		{"131047", 400, graphErrorBody("131047", ""), channel.WindowClosed},
		{"1", 400, graphErrorBody("1", ""), channel.Unknown},
		{"2", 503, graphErrorBody("2", ""), channel.Unknown},
		{"131000", 400, graphErrorBody("131000", ""), channel.Unknown},
		{"131016", 500, graphErrorBody("131016", ""), channel.Unknown},
		{"3 on 500", 500, graphErrorBody("3", ""), channel.Refused},
		{"131045 on 500", 500, graphErrorBody("131045", ""), channel.Refused},
		{"unknown code on 500", 500, graphErrorBody("139999", ""), channel.Unknown},
		{"100", 400, graphErrorBody("100", `,"error_subcode":33`), channel.Refused},
		{"131026", 400, graphErrorBody("131026", ""), channel.Refused},
		{"131048", 429, graphErrorBody("131048", ""), channel.Refused},
		{"code as text", 400, `{"error":{"code":"190","message":"x"}}`, channel.TokenRefused},
		{"details as text", 400, `{"error":{"code":131026,"message":"x","error_data":"why"}}`, channel.Refused},
		{"no code", 400, `{"error":{"message":"x"}}`, channel.Refused},
		{"error in a 200", 200, graphErrorBody("131056", ""), channel.PairLimited},
		{"html 502", 502, html, channel.Unknown},
		{"html 400", 400, html, channel.Unknown},
		{"html 200", 200, html, channel.Unknown},
		{"html 401", 401, html, channel.TokenRefused},
		{"html 429", 429, html, channel.Rejected},
		{"empty 500", 500, "", channel.Unknown},
		{"empty 200", 200, "", channel.Unknown},
		{"json 200 without id", 200, `{"messages":[{}]}`, channel.Unknown},
		{"json list", 400, `[1]`, channel.Unknown},
		{"half json", 400, `{"error":{"code":190`, channel.Unknown},
		{"redirect", 302, "", channel.Unknown},
		{"201", 201, acceptedAnswer, channel.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, _ := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
				if c.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				if r.Method != http.MethodPost {
					t.Error("a redirect was followed")
				}
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			_, err := client.Send(t.Context(), testOutbound())
			failed := sendError(t, err)
			if failed.Outcome != c.want {
				t.Errorf("outcome %s of %+v", failed.Outcome, failed)
			}
			if failed.Reason == "" || !strings.HasSuffix(failed.Reason, ".") {
				t.Errorf("reason %q", failed.Reason)
			}
			for _, secret := range []string{testToken, "600 111 222", "34600111222"} {
				if strings.Contains(err.Error()+failed.Reason+failed.Detail, secret) {
					t.Errorf("%q stands in %v", secret, err)
				}
			}
		})
	}
}

func TestSendErrorDetails(t *testing.T) {
	client, _ := graphServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(429)
		io.WriteString(w, `{"error":{"message":"(#130429) Rate limit hit","code":130429,"error_subcode":2494055,"error_data":{"details":"slow down"}}}`)
	})
	_, err := client.Send(t.Context(), testOutbound())
	failed := sendError(t, err)
	if failed.Code != 130429 || failed.Subcode != 2494055 || failed.Status != 429 || failed.RetryAfter != 7*time.Second ||
		failed.Detail != "(#130429) Rate limit hit: slow down" {
		t.Errorf("%+v", failed)
	}
}

func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "90": 90 * time.Second, "soon": 0, "99999999999": 24 * time.Hour,
		"Tue, 03 Nov 2026 12:01:00 GMT": time.Minute, "Tue, 03 Nov 2026 11:00:00 GMT": 0,
	} {
		h := http.Header{"Date": {"Tue, 03 Nov 2026 12:00:00 GMT"}}
		if value != "" {
			h.Set("Retry-After", value)
		}
		if got := retryAfter(h); got != want {
			t.Errorf("%q: %v", value, got)
		}
	}
}

// TestSendTransport: what is known depends on whether the request went out.
func TestSendTransport(t *testing.T) {
	hangUp := func(read bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if read {
				io.Copy(io.Discard, r.Body)
			}
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				conn.Close()
			}
		}
	}
	for name, handle := range map[string]http.HandlerFunc{
		"hang-up after reading":  hangUp(true),
		"hang-up before reading": hangUp(false),
		"cut body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, acceptedAnswer[:40])
		},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			client, _ := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				handle(w, r)
			})
			_, err := client.Send(t.Context(), testOutbound())
			if failed := sendError(t, err); failed.Outcome != channel.Unknown || calls.Load() != 1 {
				t.Errorf("%d calls, %+v", calls.Load(), failed)
			}
		})
	}
	t.Run("refused connection", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		client := NewClient(Config{GraphURL: "http://" + listener.Addr().String(), Token: func() string { return testToken }})
		_, err = client.Send(t.Context(), testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Rejected || failed.Status != 0 {
			t.Errorf("%+v", failed)
		}
	})
	t.Run("tls handshake", func(t *testing.T) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		defer server.Close()
		client := NewClient(Config{GraphURL: server.URL, Token: func() string { return testToken }})
		_, err := client.Send(t.Context(), testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Rejected {
			t.Errorf("%+v", failed)
		}
	})
	t.Run("cancelled before", func(t *testing.T) {
		client, _ := graphServer(t, func(http.ResponseWriter, *http.Request) { t.Error("was called") })
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := client.Send(ctx, testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Rejected || !errors.Is(err, context.Canceled) {
			t.Errorf("%+v", failed)
		}
	})
	t.Run("cancelled while graph works", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, _ := graphServer(t, func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
		})
		_, err := client.Send(ctx, testOutbound())
		if failed := sendError(t, err); failed.Outcome != channel.Unknown {
			t.Errorf("%+v", failed)
		}
	})
}

// TestSendTimeout runs on a clock of its own: 30 s without an answer.
func TestSendTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go io.Copy(io.Discard, far) // reads everything, answers nothing
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
		client := NewClient(Config{GraphURL: "http://graph.example", Token: func() string { return testToken }, HTTP: &http.Client{Transport: transport}})
		begin := time.Now()
		_, err := client.Send(t.Context(), testOutbound())
		failed := sendError(t, err)
		if failed.Outcome != channel.Unknown || time.Since(begin) != callTimeout {
			t.Errorf("after %v: %+v", time.Since(begin), failed)
		}
		far.Close()
		transport.CloseIdleConnections()
	})
}

// TestSendOnClosedConnections: a pooled connection that the server has closed
// may make a send unknown, never rejected after it was read, and never doubled.
func TestSendOnClosedConnections(t *testing.T) {
	var calls atomic.Int32
	client, server := graphServer(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		calls.Add(1)
		io.WriteString(w, acceptedAnswer)
	})
	accepted := int32(0)
	for i := range int32(40) {
		_, err := client.Send(t.Context(), testOutbound())
		if err == nil {
			accepted++
		} else if failed := sendError(t, err); failed.Outcome != channel.Unknown {
			t.Fatalf("%+v", failed)
		}
		if got := calls.Load(); got > i+1 || got < accepted {
			t.Fatalf("%d calls for %d sends, %d accepted", got, i+1, accepted)
		}
		server.CloseClientConnections()
	}
	if accepted == 0 {
		t.Error("no send passed")
	}
}

func TestReasons(t *testing.T) {
	for code := range 140_000 {
		if r, known := ruleOf(code); known && (r.reason == "" || r.outcome == "") {
			t.Errorf("code %d: %+v", code, r)
		}
	}
	if got := ReasonFor(channel.Error{Code: 131049}); !strings.Contains(got, "day") {
		t.Error(got)
	}
	if got := ReasonFor(channel.Error{Code: 999999, Details: "call +34600111222"}); got != "WhatsApp reported error 999999: call [number]" {
		t.Error(got)
	}
	for code, want := range map[int]bool{130429: true, 131056: true, 131000: false, 131026: false, 0: false} {
		if Retryable(code) != want {
			t.Errorf("code %d", code)
		}
	}
}
