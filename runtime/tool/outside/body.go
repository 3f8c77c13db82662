package outside

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"golang.org/x/net/html/charset"
)

// Response is an answer as a model can read it.
type Response struct {
	Status int
	// Text is what the answer says: text and JSON as they are, a page without its
	// tags, of everything else a sentence.
	Text string
	// Binary is how many bytes came that are not text; 0 = none did.
	Binary int
}

// String is status and text.
func (r Response) String() string {
	head := fmt.Sprintf("HTTP %d %s", r.Status, http.StatusText(r.Status))
	if r.Text == "" {
		return head
	}
	return head + "\n\n" + r.Text
}

func read(res *http.Response) (Response, error) {
	out := Response{Status: res.StatusCode}
	raw, err := io.ReadAll(io.LimitReader(res.Body, MaxBody+1))
	if err != nil {
		return out, inWords(err, res.Request.URL.Hostname())
	}
	cut := len(raw) > MaxBody
	if cut {
		raw = raw[:MaxBody]
	}
	kind := kindOf(res.Header.Get("Content-Type"), raw)
	switch {
	case len(raw) == 0:
		return out, nil
	case !readable(kind) || bytes.IndexByte(raw, 0) >= 0 && !strings.Contains(kind, "charset=utf-16"):
		out.Binary = len(raw)
		out.Text = fmt.Sprintf("[%s, %s: this is not text and cannot be read here]", media(kind), sized(len(raw), cut))
		return out, nil
	}
	text := decoded(raw, kind)
	if m := media(kind); m == "text/html" || m == "application/xhtml+xml" {
		text = PageText(text)
	}
	out.Text = strings.TrimSpace(text)
	if cut {
		out.Text += "\n[the answer is longer than 1 MB: this is its beginning]"
	}
	return out, nil
}

// kindOf is the content type, looked at in the bytes where the server names none.
func kindOf(header string, raw []byte) string {
	if m, _, err := mime.ParseMediaType(header); err == nil && m != "" {
		return strings.ToLower(header)
	}
	return http.DetectContentType(raw)
}

func media(kind string) string {
	m, _, err := mime.ParseMediaType(kind)
	if err != nil {
		m, _, _ = strings.Cut(kind, ";")
	}
	return clip(m)
}

func readable(kind string) bool {
	m := media(kind)
	switch m {
	case "application/json", "application/xml", "application/javascript", "application/x-ndjson", "application/yaml",
		"application/x-yaml", "application/x-www-form-urlencoded", "application/graphql-response+json":
		return true
	}
	return strings.HasPrefix(m, "text/") || strings.HasSuffix(m, "+json") || strings.HasSuffix(m, "+xml") && !strings.HasPrefix(m, "image/")
}

// decoded gives the text in UTF-8, by the charset that the header or the page names.
func decoded(raw []byte, kind string) string {
	r, err := charset.NewReader(bytes.NewReader(raw), kind)
	if strings.Contains(media(kind), "json") && !strings.Contains(kind, "charset=") {
		err = fmt.Errorf("JSON is UTF-8") // RFC 8259; a guess could take it for Latin-1
	}
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	text, err := io.ReadAll(io.LimitReader(r, 4*MaxBody))
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

func sized(n int, cut bool) string {
	if cut {
		return "more than 1 MB"
	}
	return fmt.Sprintf("%d bytes", n)
}
