package outside

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a model is shown of an answer.
func TestWhatIsReadOfAnAnswer(t *testing.T) {
	page := `<!doctype html><title>Shop &amp; Co</title><script>steal("it")</script><style>p{}</style>
<h1>Opening  hours</h1><p>Mon&nbsp;to <b>Fri</b><br>8 &#8211; 18</p><ul><li>bread<li>milk</ul><table><tr><td>a</td><td>1</td></tr></table><noscript>x</noscript><svg><text>y</text></svg>`
	for _, c := range []struct{ name, kind, body, want string }{
		{"text", "text/plain; charset=utf-8", " hello\n", "HTTP 200 OK\n\nhello"},
		{"json", "application/json", `{"a": "ñ"}`, "HTTP 200 OK\n\n" + `{"a": "ñ"}`},
		{"problem json", "application/problem+json", `{}`, "HTTP 200 OK\n\n{}"},
		{"page", "text/html", page, "HTTP 200 OK\n\nShop & Co\nOpening hours\nMon to Fri\n8 – 18\n- bread\n- milk\n| a | 1"},
		{"latin-1", "text/plain; charset=iso-8859-1", "caf\xe9", "HTTP 200 OK\n\ncafé"},
		{"windows page", "text/html", `<meta charset="windows-1252"><p>10 ` + "\x80", "HTTP 200 OK\n\n10 €"},
		{"utf-16", "text/plain; charset=utf-16le", "h\x00i\x00", "HTTP 200 OK\n\nhi"},
		{"broken bytes", "application/json", "{\"a\":\"\xff\"}", "HTTP 200 OK\n\n{\"a\":\"\uFFFD\"}"},
		{"no type", "", "plain words", "HTTP 200 OK\n\nplain words"},
		{"empty", "text/plain", "", "HTTP 200 OK"},
		{"picture", "image/png", "\x89PNG\r\n", "HTTP 200 OK\n\n[image/png, 6 bytes: this is not text and cannot be read here]"},
		{"svg", "image/svg+xml", "<svg/>", "HTTP 200 OK\n\n[image/svg+xml, 6 bytes: this is not text and cannot be read here]"},
		{"binary called text", "text/plain", "a\x00b", "HTTP 200 OK\n\n[text/plain, 3 bytes: this is not text and cannot be read here]"},
		{"binary without a type", "", "\x00\x01\x02", "HTTP 200 OK\n\n[application/octet-stream, 3 bytes: this is not text and cannot be read here]"},
		{"strange type", "no type at all;;", "words", "HTTP 200 OK\n\nwords"},
	} {
		dial := site(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			if c.kind != "" {
				w.Header().Set("Content-Type", c.kind)
			}
			_, _ = io.WriteString(w, c.body)
		})
		res, err := get(t, clientFor(t, Options{List: listOf(t, "http://*"), Dial: dial}), "http://shop.example/")
		if err != nil || res.String() != c.want {
			t.Errorf("%s: %q, %v\nwant %q", c.name, res, err, c.want)
		}
	}
}

// 50 MB are not read, nor kept.
func TestALongAnswerIsCut(t *testing.T) {
	written, ended := 0, make(chan struct{})
	dial := site(t, func(w http.ResponseWriter, _ *http.Request) {
		defer close(ended)
		w.Header().Set("Content-Type", "text/plain")
		chunk := []byte(strings.Repeat("0123456789abcde\n", 1<<12))
		for written < 50<<20 {
			n, err := w.Write(chunk)
			written += n
			if err != nil {
				return
			}
		}
	})
	res, err := get(t, clientFor(t, Options{List: listOf(t, "http://*"), Dial: dial}), "http://shop.example/")
	if err != nil || len(res.Text) > MaxBody+100 || !strings.HasSuffix(res.Text, "this is its beginning]") {
		t.Errorf("%d bytes, %v", len(res.Text), err)
	}
	<-ended
	if written >= 50<<20 { // what was on the way does not count
		t.Errorf("%d bytes were taken", written)
	}
}

func FuzzPageText(f *testing.F) {
	for _, seed := range []string{"<p>a<b>c", "<script>", "</script><li>", "<table><td>x</table>", "\x00<svg><p>", "&#0;&nbsp;", "<title>a</title"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, page string) {
		text := PageText(page)
		if len(text) > 4*len(page)+16 {
			t.Errorf("%d bytes became %d", len(page), len(text))
		}
		if utf8.ValidString(page) && !utf8.ValidString(text) {
			t.Errorf("%q became %q", page, text)
		}
	})
}
