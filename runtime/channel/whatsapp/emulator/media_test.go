package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

// mediaOf is the media object of the item as the webhook carries it.
func mediaOf(t *testing.T, b *bench, it Item) map[string]any {
	t.Helper()
	body, err := b.body(batchOf([]Item{it}))
	if err != nil {
		t.Fatal(err)
	}
	m, ok := dig(t, decode(t, body), "entry", 0, "changes", 0, "value", "messages", 0, it.Kind).(map[string]any)
	if !ok {
		t.Fatalf("no %s in %s", it.Kind, body)
	}
	return m
}

// fetch gets a media URL; an empty agent sends none.
func fetch(t *testing.T, b *bench, url, authorization, agent string) (int, string, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(b.ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	r.Header.Set("User-Agent", agent)
	resp, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), raw
}

func TestMediaTwoSteps(t *testing.T) {
	b := newBench(t, Config{MediaHost: "https://lookaside.test"})
	data := []byte("\x89PNG data")
	inside := mediaOf(t, b, b.Image(ana, Media{MIME: "image/png", Data: data}))
	sum := sha256.Sum256(data)
	if inside["sha256"] != base64.StdEncoding.EncodeToString(sum[:]) {
		t.Error("webhook sha256", inside["sha256"])
	}
	id := inside["id"].(string)
	status, info := b.graph(http.MethodGet, "/v25.0/"+id+"?phone_number_id=3000000000000003", "")
	if status != 200 || info["sha256"] != hex.EncodeToString(sum[:]) || info["file_size"] != float64(len(data)) ||
		info["mime_type"] != "image/png" || info["id"] != id || info["messaging_product"] != "whatsapp" {
		t.Errorf("%d %v", status, info)
	}
	url := info["url"].(string)
	for _, part := range []string{"https://lookaside.test/whatsapp_business/attachments/?mid=" + id, "&ext=1778750300&", "&hash="} {
		if !strings.Contains(url, part) {
			t.Errorf("%q is not in %s", part, url)
		}
	}
	if status, kind, got := fetch(t, b, url, "Bearer EAAtoken", "go"); status != 200 || kind != "image/png" || !bytes.Equal(got, data) {
		t.Errorf("%d %s %q", status, kind, got)
	}
	gets := b.MediaGets()
	if len(gets) != 2 || gets[0].Call != CallMediaInfo || gets[1].Call != CallMediaDownload || gets[1].HTTP != 200 {
		t.Errorf("%+v", gets)
	}
}

// mediaURLOf stores a file and asks for its URL.
func mediaURLOf(t *testing.T, b *bench) (id, url string) {
	t.Helper()
	id = mediaOf(t, b, b.Image(ana, Media{Data: []byte("x")}))["id"].(string)
	_, info := b.graph(http.MethodGet, "/v25.0/"+id, "")
	return id, info["url"].(string)
}

func TestMediaRefused(t *testing.T) {
	b := newBench(t, Config{})
	id, url := mediaURLOf(t, b)
	const good = "Bearer EAAtoken"
	for name, c := range map[string]struct {
		url, token, agent string
		status            int
	}{
		"no token":    {url, "", "go", 401},
		"wrong token": {url, "Bearer x", "go", 401},
		"no agent":    {url, good, "", 400},
		"bad hash":    {url[:len(url)-1] + "x", good, "go", 404},
		"longer life": {strings.Replace(url, "ext=17", "ext=27", 1), good, "go", 404},
	} {
		if status, _, _ := fetch(t, b, c.url, c.token, c.agent); status != c.status {
			t.Errorf("%s: %d, want %d", name, status, c.status)
		}
	}
	if status, _ := b.graph(http.MethodGet, "/v25.0/"+id+"?phone_number_id=1", ""); status != 400 {
		t.Error("a foreign number:", status)
	}
}

func TestMediaLife(t *testing.T) {
	b := newBench(t, Config{})
	id, url := mediaURLOf(t, b)
	const good = "Bearer EAAtoken"
	b.advance(mediaURLLife)
	if status, _, _ := fetch(t, b, url, good, "go"); status != 200 {
		t.Error("expired early:", status)
	}
	b.advance(time.Second)
	if status, _, _ := fetch(t, b, url, good, "go"); status != 404 {
		t.Error("after 5 min:", status)
	}
	b.advance(receivedLife)
	if status, body := b.graph(http.MethodGet, "/v25.0/"+id, ""); status != 400 || dig(t, body, "error", "code") != 100.0 {
		t.Error("after 7 days:", status, body)
	}
}

func TestMediaVariants(t *testing.T) {
	b := newBench(t, Config{})
	data := []byte("x")
	right := sha256.Sum256(data)
	if m := mediaOf(t, b, b.Audio(ana, Media{Data: data, BadHash: true, NoURL: true})); m["url"] != nil || m["voice"] != true ||
		m["sha256"] == base64.StdEncoding.EncodeToString(right[:]) {
		t.Error(m)
	}
	m := mediaOf(t, b, b.Audio(ana, Media{Data: data, Forward: true}))
	if m["voice"] != false {
		t.Error(m)
	}
	if status, _, got := fetch(t, b, m["url"].(string), "Bearer EAAtoken", "go"); status != 200 || string(got) != "x" {
		t.Error("the webhook's own url:", status, got)
	}
}

func upload(t *testing.T, b *bench, mime string, size int) (int, map[string]any) {
	t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("messaging_product", "whatsapp")
	_ = w.WriteField("type", mime)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {mime},
		"Content-Disposition": {`form-data; name="file"; filename="f"`}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(make([]byte, size))
	_ = w.Close()
	r, err := http.NewRequestWithContext(b.ctx, http.MethodPost, "https://g.test/v25.0/3000000000000003/media", &form)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Authorization", "Bearer EAAtoken")
	resp, err := b.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, decode(t, raw)
}

func TestUpload(t *testing.T) {
	b := newBench(t, Config{})
	b.wrote(ana)
	status, body := upload(t, b, "application/octet-stream", 3)
	message, _ := dig(t, body, "error", "message").(string)
	if status != 400 || !strings.HasPrefix(message, "(#100) Param file must be a file with one of the following types: audio/aac") ||
		!strings.HasSuffix(message, "Received file of type 'application/octet-stream'.") {
		t.Error(status, body)
	}
	if status, _ := upload(t, b, "image/webp", 500<<10); status != 200 {
		t.Error("500 KB:", status)
	}
	if status, _ := upload(t, b, "image/webp", 500<<10+1); status != 400 {
		t.Error("over 500 KB:", status)
	}
	for mime, fails := range map[string]bool{"audio/opus": true, "audio/ogg; codecs=opus": false} {
		status, body := upload(t, b, mime, 9)
		id, _ := body["id"].(string)
		if status != 200 || strings.Trim(id, "0123456789") != "" {
			t.Fatal(mime, status, body)
		}
		status, _ = b.graph(http.MethodPost, messagesPath,
			`{"messaging_product":"whatsapp","to":"4915112345678","type":"audio","audio":{"id":"`+id+`"}}`)
		sent := b.Sent()
		if got := sent[len(sent)-1].FailCode == 131053; status != 200 || got != fails {
			t.Errorf("%s: %d, fails later: %v", mime, status, got)
		}
		if status, body := b.graph(http.MethodDelete, "/v25.0/"+id, ""); status != 200 || body["success"] != true {
			t.Error(status, body)
		}
		if status, _ := b.graph(http.MethodGet, "/v25.0/"+id, ""); status != 400 {
			t.Error("deleted, but", status)
		}
	}
}
