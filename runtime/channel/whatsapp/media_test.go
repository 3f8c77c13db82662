package whatsapp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"astromesh/runtime/channel"
)

// mediaServer answers both steps; its fields are what a test changes.
type mediaServer struct {
	data     []byte
	info     string // more members of Graph's answer
	address  string // "" = its own
	download func(w http.ResponseWriter, r *http.Request) bool
	asked    int
	loaded   int
	url      string
}

func (m *mediaServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+testToken || r.UserAgent() != "astromesh/test" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/v25.0/"):
		m.asked++
		if r.URL.RequestURI() != "/v25.0/77?phone_number_id="+ownAccount {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		address := m.address
		if address == "" {
			address = m.url + "/file?mid=77&hash=secret"
		}
		sum := sha256.Sum256(m.data)
		fmt.Fprintf(w, `{"messaging_product":"whatsapp","url":%q,"mime_type":"image/jpeg","sha256":%q,"file_size":%d,"id":"77"%s}`,
			address, hex.EncodeToString(sum[:]), len(m.data), m.info)
	case strings.HasPrefix(r.URL.Path, "/file"):
		m.loaded++
		if m.download == nil || !m.download(w, r) {
			w.Header().Set("Content-Type", "image/png")
			w.Write(m.data)
		}
	}
}

func fetchFrom(t *testing.T, m *mediaServer, media channel.Media) (channel.File, error) {
	t.Helper()
	client, server := graphServer(t, m.ServeHTTP)
	m.url = server.URL
	return client.Fetch(t.Context(), ownAccount, media)
}

var image = channel.Media{Kind: channel.KindImage, ID: "77", MIME: "image/x"}

func TestFetch(t *testing.T) {
	m := &mediaServer{data: []byte("picture")}
	file, err := fetchFrom(t, m, image)
	if err != nil || string(file.Data) != "picture" || file.MIME != "image/jpeg" {
		t.Fatalf("%+v, %v", file, err)
	}
}

func TestFetchWithoutID(t *testing.T) {
	m := &mediaServer{data: []byte("picture")}
	client, server := graphServer(t, m.ServeHTTP)
	file, err := client.Fetch(t.Context(), ownAccount, channel.Media{Kind: channel.KindImage, URL: server.URL + "/file"})
	if err != nil || string(file.Data) != "picture" || file.MIME != "image/png" || m.asked != 0 {
		t.Fatalf("%+v, %v", file, err)
	}
}

func TestFetchAsksOnceMoreForAnExpiredAddress(t *testing.T) {
	m := &mediaServer{data: []byte("picture")}
	m.download = func(w http.ResponseWriter, _ *http.Request) bool {
		if m.loaded == 1 {
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		return false
	}
	if _, err := fetchFrom(t, m, image); err != nil || m.asked != 2 || m.loaded != 2 {
		t.Fatalf("asked %d, loaded %d, %v", m.asked, m.loaded, err)
	}
	m = &mediaServer{data: []byte("x"), download: func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusNotFound)
		return true
	}}
	if _, err := fetchFrom(t, m, image); err == nil || m.loaded != 2 {
		t.Fatalf("loaded %d, %v", m.loaded, err)
	}
}

// stream answers size bytes without announcing their number.
func stream(size int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.(http.Flusher).Flush()
		io.Copy(w, bytes.NewReader(make([]byte, size)))
		return true
	}
}

func TestFetchFailures(t *testing.T) {
	for _, c := range []struct {
		name   string
		server mediaServer
		media  channel.Media
		want   string
	}{
		{"neither id nor address", mediaServer{}, channel.Media{Kind: channel.KindImage}, "neither an id nor an address"},
		{"odd id", mediaServer{}, channel.Media{Kind: channel.KindImage, ID: "../me"}, "unusable id"},
		{"unknown id", mediaServer{}, channel.Media{Kind: channel.KindImage, ID: "78"}, "HTTP 400"},
		{"announced too large", mediaServer{data: []byte("x"), info: `,"file_size":5242881`}, image, "larger than 5120 KB"},
		{"too large while reading", mediaServer{data: []byte("x"), download: stream(5<<20 + 1)}, image, "larger than 5120 KB"},
		{"large sticker", mediaServer{data: []byte("x"), download: stream(500<<10 + 1)}, channel.Media{Kind: channel.KindSticker, ID: "77"}, "larger than 500 KB"},
		{"empty", mediaServer{data: nil}, image, "empty"},
		{"other bytes", mediaServer{data: []byte("x"), download: stream(9)}, image, "sha256"},
		{"cut", mediaServer{data: []byte("x"), download: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "short")
			return true
		}}, image, "broke off"},
		{"no address", mediaServer{data: []byte("x"), info: `,"url":""`}, image, "named no address"},
		{"foreign host", mediaServer{data: []byte("x"), address: "https://evilfbsbx.com/file"}, image, "not Meta's"},
		{"user info", mediaServer{data: []byte("x"), address: "https://lookaside.fbsbx.com@evil.example/file"}, image, "not Meta's"},
		{"other scheme", mediaServer{data: []byte("x"), address: "file:///etc/passwd"}, image, "not https"},
		{"server error", mediaServer{data: []byte("x"), download: func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(http.StatusInternalServerError)
			return true
		}}, image, "HTTP 500"},
		{"circle", mediaServer{data: []byte("x"), download: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
			return true
		}}, image, "circles"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := fetchFrom(t, &c.server, c.media)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(err.Error(), "hash=") || strings.Contains(err.Error(), testToken) {
				t.Errorf("the address stands in %v", err)
			}
		})
	}
}

func TestFetchTokenRefused(t *testing.T) {
	client, _ := graphServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, graphErrorBody("190", `,"error_subcode":467`))
	})
	_, err := client.Fetch(t.Context(), ownAccount, image)
	if failed := sendError(t, err); failed.Outcome != channel.TokenRefused {
		t.Error(failed)
	}
}

// TestFetchRedirect: a redirect to another host is followed, without the token.
func TestFetchRedirect(t *testing.T) {
	var shown []string
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown = append(shown, r.Header.Get("Authorization"))
		io.WriteString(w, "picture")
	}))
	defer foreign.Close()
	m := &mediaServer{data: []byte("picture")}
	m.download = func(w http.ResponseWriter, r *http.Request) bool {
		target := foreign.URL + "/x"
		if m.loaded == 1 {
			target = "/file/again" // own host: with the token
		}
		http.Redirect(w, r, target, http.StatusFound)
		return true
	}
	if _, err := fetchFrom(t, m, image); err != nil {
		t.Fatal(err)
	}
	if m.loaded != 2 || len(shown) != 1 || shown[0] != "" {
		t.Errorf("own host %d times, foreign host saw %q", m.loaded, shown)
	}
}

func TestMayHaveToken(t *testing.T) {
	client := NewClient(Config{GraphURL: "https://graph.facebook.com"})
	for address, want := range map[string]bool{
		"https://lookaside.fbsbx.com/x":     true,
		"https://LOOKASIDE.FBSBX.COM:443/x": true,
		"https://scontent.xx.fbcdn.net/x":   true,
		"https://mmg.whatsapp.net/x":        true,
		"https://graph.facebook.com/x":      true,
		"http://graph.facebook.com/x":       false,
		"https://graph.facebook.com:8443/x": false,
		"http://lookaside.fbsbx.com/x":      false,
		"https://lookaside.fbsbx.com:444/x": false,
		"https://fbsbx.com.evil.example/x":  false,
		"https://evilfbsbx.com/x":           false,
		"https://fbsbx.com/x":               false,
		"https://lookaside.fbsbx.com./x":    false,
		"https://127.0.0.1/x":               false,
	} {
		target, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := client.mayHaveToken(target); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
