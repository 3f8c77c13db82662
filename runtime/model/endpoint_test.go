package model

import (
	"net/url"
	"testing"
)

func TestParseEndpoint(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", "http://127.0.0.1:11434"},
		{"  localhost ", "http://localhost:11434"},
		{"127.0.0.1:1234", "http://127.0.0.1:1234"},
		{":1234", "http://127.0.0.1:1234"},
		{"0.0.0.0", "http://127.0.0.1:11434"},
		{"0.0.0.0:11500", "http://127.0.0.1:11500"},
		{"http://0.0.0.0:11434", "http://127.0.0.1:11434"},
		{"::", "http://[::1]:11434"},
		{"[::]:11434", "http://[::1]:11434"},
		{"::1", "http://[::1]:11434"},
		{"[fe80::1]:99", "http://[fe80::1]:99"},
		{"http://Ollama", "http://ollama:80"},
		{"https://ollama.example", "https://ollama.example:443"},
		{"http://ollama:11434/", "http://ollama:11434"},
		{"https://example.com/ollama/", "https://example.com:443/ollama"},
		{`"http://ollama:11434"`, "http://ollama:11434"},
		{"ftp://x", ""}, {"http://x:0", ""}, {"x:70000", ""}, {"x:port", ""}, {"x:-1", ""},
		{"http://user:pw@host", ""}, {"http://host?x=1", ""}, {"http://a b", ""},
	}
	for _, test := range tests {
		got, err := ParseEndpoint(test.in)
		switch {
		case test.want == "" && err == nil:
			t.Errorf("%q was accepted as %s", test.in, got)
		case test.want != "" && (err != nil || got.String() != test.want):
			t.Errorf("%q: %v, %v; want %s", test.in, got, err, test.want)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, s := range []string{"", "host:1", "http://[::1]:2/x", "https://h", ":::", "[", "http://%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseEndpoint(s)
		if err != nil {
			return
		}
		if u.Host == "" || u.User != nil || u.RawQuery != "" || u.Port() == "" {
			t.Fatalf("%q became %#v", s, u)
		}
		if _, err := url.Parse(u.String()); err != nil {
			t.Fatalf("%q became %q: %v", s, u, err)
		}
		again, err := ParseEndpoint(u.String())
		if err != nil || again.String() != u.String() {
			t.Fatalf("%q became %q, then %v, %v", s, u, again, err)
		}
	})
}
