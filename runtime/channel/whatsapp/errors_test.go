package whatsapp

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"astromesh/runtime/channel"
)

const proxyPage = "<html><body>502 Bad Gateway</body></html>"

func graphErrorBody(code string, more string) string {
	return `{"error":{"message":"(#` + code + `) words about +34 600 111 222 and ` + testToken + `","type":"OAuthException","code":` + code + more +
		`,"error_data":{"messaging_product":"whatsapp","details":"details"},"fbtrace_id":"AbC"}}`
}

var outcomeCases = []struct {
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
	{"html 502", 502, proxyPage, channel.Unknown},
	{"html 400", 400, proxyPage, channel.Unknown},
	{"html 200", 200, proxyPage, channel.Unknown},
	{"html 401", 401, proxyPage, channel.TokenRefused},
	{"html 429", 429, proxyPage, channel.Rejected},
	{"empty 500", 500, "", channel.Unknown},
	{"empty 200", 200, "", channel.Unknown},
	{"json 200 without id", 200, `{"messages":[{}]}`, channel.Unknown},
	{"json list", 400, `[1]`, channel.Unknown},
	{"half json", 400, `{"error":{"code":190`, channel.Unknown},
	{"redirect", 302, "", channel.Unknown},
	{"201", 201, acceptedAnswer, channel.Unknown},
}

func TestSendOutcomes(t *testing.T) {
	for _, c := range outcomeCases {
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
