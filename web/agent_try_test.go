package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"astromesh/store"
)

// upload sends the telephone's form: fields by name, files as name and content.
func (o *operator) upload(path string, fields map[string]string, files map[string][2]string) *httptest.ResponseRecorder {
	o.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			o.t.Fatal(err)
		}
	}
	for field, file := range files {
		part, err := w.CreateFormFile(field, file[0])
		if err != nil {
			o.t.Fatal(err)
		}
		if _, err := part.Write([]byte(file[1])); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, path, &body)
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("HX-Request", "true")
	r.AddCookie(o.cookie)
	answer := httptest.NewRecorder()
	o.admin.ServeHTTP(answer, r)
	return answer
}

const tinyPNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

func TestTryTalksToDraftAndLive(t *testing.T) {
	d := newAgentDash(t)
	if err := d.server.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	draft := shopWith(t, "We open at nine.", "We open at **ten**, write to us at us@example.com.")
	fields := map[string]string{"yaml": draft, "from": "yaml", "which": "draft", "say": "When? My mail is ana@example.com"}
	w := d.owner.upload("/agents/shop/try", fields, nil)
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	has(t, w.Body.String(), `<span class="bold">ten</span>`, "[REDACTED_EMAIL]", "Hidden from the agent: E-mail addresses", "Hidden from the customer", "builtin/faq", "draft ·")
	if strings.Contains(w.Body.String(), "example.com") {
		t.Errorf("what is to be hidden is shown:\n%s", w.Body)
	}
	fields["which"] = "live"
	has(t, d.owner.upload("/agents/shop/try", fields, nil).Body.String(), "We open at nine.", "version 1 ·")
	has(t, d.staff.upload("/agents/shop/try", fields, nil).Body.String(), "We open at nine.")
	if w := d.staff.upload("/agents/shop/try", map[string]string{"yaml": draft, "which": "draft", "say": "x"}, nil); w.Code != http.StatusForbidden {
		t.Errorf("staff and the draft: %d", w.Code)
	}
	// Each operator's tries are their own, and no conversation comes of them.
	session := trySession(d.owner.user, "shop")
	if n, _, err := d.store.MemoryCount(t.Context(), "shop", session); n != 4 || err != nil {
		t.Errorf("%d entries of memory, %v", n, err)
	}
	if list, err := d.store.Conversations(t.Context(), 0, 10); len(list) > 0 || err != nil {
		t.Errorf("conversations %+v, %v", list, err)
	}
	has(t, d.owner.page("/agents/shop"), "remembers 4 messages")
	d.owner.post("/agents/shop/forget", nil, htmx...)
	if n, _, err := d.store.MemoryCount(t.Context(), "shop", session); n != 0 || err != nil {
		t.Errorf("%d entries are left, %v", n, err)
	}
	if n, _, err := d.store.MemoryCount(t.Context(), "shop", trySession(d.staff.user, "shop")); n != 2 || err != nil {
		t.Errorf("staff's own: %d, %v", n, err)
	}
}

func TestTryFiles(t *testing.T) {
	d := newAgentDash(t)
	for name, c := range map[string]struct {
		field, file, content string
		code                 int
		words                string
	}{
		"picture":            {"picture", "a.png", tinyPNG, 200, "[Attached image: image/png, 33 bytes]"},
		"voice note":         {"voice", "a.ogg", "OggS\x00\x02", 200, "[Attached audio: audio/ogg, 6 bytes]"},
		"voice by its name":  {"voice", "note.M4A", "\x00\x00\x00 ftypM4A ", 200, "[Attached audio: audio/mp4"},
		"page as a picture":  {"picture", "a.png", "<html><script>", 422, "no picture that WhatsApp takes"},
		"drawing as picture": {"picture", "a.svg", "<svg></svg>", 422, "no picture that WhatsApp takes"},
		"text as voice":      {"voice", "a.txt", "hello", 422, "no recording that WhatsApp takes"},
		"picture as voice":   {"voice", "a.png", tinyPNG, 422, "no recording that WhatsApp takes"},
		"too large":          {"picture", "a.png", tinyPNG + strings.Repeat("x", mostTryFile), 422, "larger than 5 MB"},
		"far too large":      {"picture", "a.png", strings.Repeat("x", mostTryForm), 422, "larger than 5 MB"},
		"empty":              {"picture", "a.png", "", 422, "Write something"},
	} {
		w := d.owner.upload("/agents/shop/try", map[string]string{"yaml": shopYAML, "which": "draft"}, map[string][2]string{c.field: {c.file, c.content}})
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.words) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestTryThatCannot(t *testing.T) {
	d := newAgentDash(t)
	if _, _, err := d.store.SaveDraft(store.AgentDraft{Name: "new", YAML: "kind: Agent\n", Author: "Olga"}); err != nil {
		t.Fatal(err)
	}
	away := shopWith(t, `{provider: builtin, model: faq, parameters: {default: "We open at nine."}}`, `{provider: ollama, model: "llava:7b"}`)
	for name, c := range map[string]struct {
		path   string
		fields map[string]string
		words  string
	}{
		"nothing written":      {"shop", map[string]string{"yaml": shopYAML, "say": " \r\n"}, "Write something"},
		"a book":               {"shop", map[string]string{"yaml": shopYAML, "say": strings.Repeat("é", 4097)}, "4,096 characters"},
		"an error in the YAML": {"shop", map[string]string{"yaml": "a: [", "say": "x"}, "has errors"},
		"nothing live":         {"new", map[string]string{"which": "live", "yaml": "x", "say": "x"}, "No version of this agent is in service"},
		"no model":             {"shop", map[string]string{"yaml": away, "say": "x"}, "ollama/llava:7b: "},
		"longer than allowed":  {"shop", map[string]string{"yaml": shopWith(t, "2000", "5"), "say": "too long"}, "longer than the agent takes"},
		"another's name":       {"shop", map[string]string{"yaml": shopWith(t, "name: shop", "name: other"), "say": "x"}, "has errors"},
	} {
		w := d.owner.upload("/agents/"+c.path+"/try", c.fields, nil)
		if w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.words) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := d.owner.upload("/agents/shop/try", map[string]string{"yaml": shopYAML, "say": "a\xffb\x00<b>"}, nil); w.Code != http.StatusOK || strings.Contains(w.Body.String(), "<b>") {
		t.Errorf("odd bytes: %d %s", w.Code, w.Body)
	}
}
