package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"
)

var stateAttr = regexp.MustCompile(`data-state="([0-9a-f]+)"`)

func TestPhonePage(t *testing.T) {
	r := newPhoneRig(t)
	page := r.page()
	for _, want := range []string{"Crumb &amp; Ember", "the built-in responder", `sse-connect="/phone/stream"`, "online", "When do you open?"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	for _, never := range []string{"style=", "<style", "onclick", "hx-on", "javascript:", "http://", "https://"} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %q, which its policy forbids", never)
		}
	}
	// Everything the page names is there.
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if resp, _ := r.do(http.MethodGet, m[1], nil); resp.StatusCode != http.StatusOK {
			t.Errorf("GET %s: %d", m[1], resp.StatusCode)
		}
	}
}

// TestPhoneConversation sees a message go out, be taken, be read and be
// answered, on the stream and then on the page.
func TestPhoneConversation(t *testing.T) {
	r := newPhoneRig(t)
	next := r.stream()
	next(`id="typing"`)
	r.status <- http.StatusServiceUnavailable // Meta tries again
	r.send("two rolls,\r\nno sugar")
	if e := next("two rolls"); !strings.Contains(e.data, "two rolls,\nno sugar") || !strings.Contains(e.data, "beforeend:#chat") {
		t.Errorf("the message came as %q", e.data)
	}
	next("refused the message with status 503")
	next(`class="tick delivered"`)
	r.typing()
	next("typing…", `class="tick read"`)
	r.reply("Two rolls, *no* sugar.\rGladly!")
	if e := next("Gladly!", "online"); !strings.Contains(e.data, `<span class="bold">no</span>`) {
		t.Errorf("the reply came as %q", e.data)
	}
	last := next("the customer has read it")
	page := r.page()
	for _, want := range []string{"two rolls,\nno sugar", "Gladly!", "Read by the shop", "Read by the customer", "the customer has read it"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %q", want)
		}
	}
	// A page that is as new as the stream says so, and is not written anew.
	if got := stateAttr.FindStringSubmatch(page); len(got) < 2 || got[1] != last.id {
		t.Errorf("the page's state is %v, the stream's %s", got, last.id)
	}
	if e := r.stream()("two rolls"); e.event != "chat" || e.id != last.id {
		t.Errorf("a new stream begins with %s %s, want chat %s", e.event, e.id, last.id)
	}
}

// TestPhoneEscapes shows strangers' HTML as the text that it is, from both sides
// and in what happens inside.
func TestPhoneEscapes(t *testing.T) {
	r := newPhoneRig(t)
	next := r.stream()
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)> *<b>bold</b>*`
	r.send(evil)
	r.reply(evil)
	r.store.Log(store.Event{Kind: store.EventSystem, Level: "warn", Stage: "model", Text: evil})
	seen := next("alert").data + next(`class="stage">Thinks`).data + r.page()
	for _, never := range []string{"<script>alert", "<img src=x", "<b>bold"} {
		if strings.Contains(seen, never) {
			t.Errorf("%q reached the page as HTML", never)
		}
	}
	if got := strings.Count(r.page(), "&lt;script&gt;alert(1)&lt;/script&gt;"); got != 3 {
		t.Errorf("the text is shown %d times, want 3", got)
	}
}

func TestPhonePrepared(t *testing.T) {
	kinds := map[string][]string{
		"picture": {"image"}, "voice": {"audio"}, "place": {"location"}, "poll": {"unsupported"},
		"burst": {"text", "text", "text"}, "private": {"text"},
	}
	for kind, want := range kinds {
		t.Run(kind, func(t *testing.T) {
			r := newPhoneRig(t)
			if !strings.Contains(r.page(), `hx-post="/phone/extra/`+kind+`"`) {
				t.Error("the page has no button for it")
			}
			resp, body := r.do(http.MethodPost, "/phone/extra/"+kind, nil)
			if resp.StatusCode != http.StatusSeeOther {
				t.Fatalf("%d %s", resp.StatusCode, body)
			}
			var got []string
			for _, l := range r.meta.Conversation(emulator.User{Phone: phoneFrom}) {
				got = append(got, l.Kind)
			}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("sent %v, want %v", got, want)
			}
			r.until("the delivery", func() bool { return len(r.meta.Posts()) >= len(want) }) // the page waits for it for two seconds only
			if posts := r.meta.Posts(); len(posts) != len(want) {
				t.Errorf("WhatsApp handed over %d times, want one after the other", len(posts))
			}
			if page := r.page(); strings.Count(page, `<li class="line mine`) != len(want) || !strings.Contains(page, `class="tick delivered"`) {
				t.Errorf("the chat does not show it:\n%s", page)
			}
		})
	}
	r := newPhoneRig(t)
	if resp, _ := r.do(http.MethodPost, "/phone/extra/none", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown kind: %d", resp.StatusCode)
	}
}

func TestPhoneSendEdges(t *testing.T) {
	long := strings.Repeat("é", maxPhoneText)
	cases := map[string]struct {
		body   string
		status int
		want   string // message that goes out
	}{
		"empty":         {"text=", http.StatusNoContent, ""},
		"only space":    {"text=%0D%0A++", http.StatusNoContent, ""},
		"no field":      {"", http.StatusNoContent, ""},
		"longest":       {url.Values{"text": {long}}.Encode(), http.StatusNoContent, long},
		"one more":      {url.Values{"text": {long + "é"}}.Encode(), http.StatusRequestEntityTooLarge, ""},
		"far too long":  {"text=" + strings.Repeat("a", maxPhoneForm), http.StatusRequestEntityTooLarge, ""},
		"not a form":    {"text=%zz", http.StatusBadRequest, ""},
		"broken UTF-8":  {"text=a%ffb", http.StatusNoContent, "a\uFFFDb"},
		"right to left": {url.Values{"text": {"متى تفتحون؟"}}.Encode(), http.StatusNoContent, "متى تفتحون؟"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := newPhoneRig(t)
			resp, _ := r.do(http.MethodPost, "/phone/send", strings.NewReader(c.body), "HX-Request", "true")
			if resp.StatusCode != c.status {
				t.Errorf("status %d, want %d", resp.StatusCode, c.status)
			}
			got := ""
			for _, l := range r.meta.Conversation(emulator.User{Phone: phoneFrom}) {
				got += l.Text
			}
			if got != c.want {
				t.Errorf("%d bytes went out, want %d", len(got), len(c.want))
			}
		})
	}
}
