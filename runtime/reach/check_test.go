package reach

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// answering is a public address where something answers in a way of its own.
func answering(t *testing.T, h http.HandlerFunc) (*httptest.Server, Outside) {
	t.Helper()
	srv := httptest.NewTLSServer(h)
	t.Cleanup(srv.Close)
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	return srv, Outside{Roots: roots, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, srv.Listener.Addr().String())
	}}
}

// Whatever may stand at the public address in our place is said in words.
func TestCheckSaysWhoAnswers(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, "<html>hello</html>")
		}
	}
	echo := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
	}
	cut := func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		code    string
	}{
		"another server":       {status(200), "not_us"},
		"another copy of us":   {echo, "another_copy"},
		"a proxy without us":   {status(502), "bad_gateway"},
		"a proxy's time-out":   {status(504), "bad_gateway"},
		"a filter":             {status(403), "forbidden"},
		"a password":           {status(401), "forbidden"},
		"a redirection":        {status(301, "Location", "https://www.example.com/x?key=1"), "redirected"},
		"a missing path":       {status(404), "not_passed"},
		"ngrok's warning":      {status(200, "Ngrok-Error-Code", "ERR_NGROK_6024"), "interstitial"},
		"ngrok without us":     {status(404, "Ngrok-Error-Code", "ERR_NGROK_3200"), "tunnel_offline"},
		"something else":       {status(418), "status"},
		"cut in the middle":    {cut, "cut"},
		"a certificate's name": {status(200), "cert_name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, outside := answering(t, c.handler)
			address := "https://example.com" // what httptest's certificate is made out to
			if c.code == "cert_name" {
				address = "https://other.example.org"
			}
			k := New(Parts{
				Settings: Settings{Way: Proxy, PublicURL: address}, Path: hook, Outside: outside,
				Credentials: func() Credentials { return Credentials{VerifyToken: "v", AppSecret: "s"} },
			})
			got := k.Check(t.Context())
			if got.Handshake == nil || got.Handshake.Code != c.code || !got.Skipped {
				t.Errorf("%+v", got.Handshake)
			}
			if detail, mend := got.Handshake.Sentences(); detail == "" || mend == "" || strings.Contains(detail+mend, "{") || strings.Contains(detail, "key=1") {
				t.Errorf("the sentences: %q, %q", detail, mend)
			}
		})
	}
}

// What goes wrong before anything answers.
func TestCheckSaysWhyNothingAnswers(t *testing.T) {
	srv, outside := answering(t, func(http.ResponseWriter, *http.Request) {})
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	to := func(address string) Outside {
		return Outside{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}}
	}
	failing := func(err error) Outside {
		return Outside{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
	}
	for name, c := range map[string]struct {
		url     string
		outside Outside
		keys    Credentials
		code    string
	}{
		"no address":               {url: "", code: "no_address"},
		"no https":                 {url: "http://example.com", code: "not_https"},
		"no verify token":          {url: "https://example.com", code: "no_verify_token"},
		"no such name":             {url: "https://example.com", outside: failing(&net.DNSError{IsNotFound: true}), keys: Credentials{VerifyToken: "v"}, code: "dns_none"},
		"no name server":           {url: "https://example.com", outside: failing(&net.DNSError{IsTemporary: true}), keys: Credentials{VerifyToken: "v"}, code: "dns_failed"},
		"refused":                  {url: "https://example.com", outside: to("127.0.0.1:1"), keys: Credentials{VerifyToken: "v"}, code: "refused"},
		"no answer":                {url: "https://example.com", outside: failing(os.ErrDeadlineExceeded), keys: Credentials{VerifyToken: "v"}, code: "timeout"},
		"no https behind":          {url: "https://example.com", outside: to(plain.Listener.Addr().String()), keys: Credentials{VerifyToken: "v"}, code: "not_tls"},
		"a made-up certificate":    {url: "https://example.com", outside: to(srv.Listener.Addr().String()), keys: Credentials{VerifyToken: "v"}, code: "cert_unknown"},
		"a certificate that ended": {url: "https://example.com", outside: Outside{Roots: outside.Roots, Dial: outside.Dial, Now: func() time.Time { return srv.Certificate().NotAfter.AddDate(1, 0, 0) }}, keys: Credentials{VerifyToken: "v"}, code: "cert_date"},
	} {
		k := New(Parts{Settings: Settings{Way: Proxy, PublicURL: c.url}, Path: hook, Outside: c.outside, Credentials: func() Credentials { return c.keys }})
		if got := k.Check(t.Context()); got.Handshake == nil || got.Handshake.Code != c.code {
			t.Errorf("%s: %+v", name, got.Handshake)
		}
	}
}

// Every problem that the code names has its sentences.
func TestEveryProblemHasWords(t *testing.T) {
	named := regexp.MustCompile(`(?:problem\(|Code: |code = )"([a-z_]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("files: %v, %v", files, err)
	}
	for _, file := range append(files, "../../app/reach_meta.go") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if words, ok := sentences[m[1]]; !ok || words[0] == "" || words[1] == "" {
				t.Errorf("%s: there are no words for %s", file, m[1])
			}
		}
	}
	for _, codes := range []map[string]string{acmeCodes, tunnelCodes} {
		for _, code := range codes {
			if _, ok := sentences[code]; !ok {
				t.Errorf("there are no words for %s", code)
			}
		}
	}
}
