package app

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// The telephone on an agent's page: a picture and a voice note go to the draft,
// the same way as a customer's, and a real Ollama answers them.
func TestBrowserTryPictureAndVoice(t *testing.T) {
	r, _ := realRig(t)
	_, admin := r.app.Addrs()
	b := newBrowser(t, "http://"+admin)
	b.look(1280, "light")
	b.claim(r.app.web.SetupLink())
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 32, 32))); err != nil {
		t.Fatal(err)
	}
	b.open("/agents/shop")
	b.try("picture", "door.png", picture.Bytes())
	b.tried(1, "That is a grey square.")
	b.try("voice", "note.ogg", []byte("OggS\x00\x02"))
	b.tried(2, "How can I help?")
	b.keep("try-picture-voice")
	b.accessible("the telephone")
	if read := r.read(ana); len(read) != 0 {
		t.Errorf("a customer read %q: a try is sent to nobody", read)
	}
	b.clean("picture and voice note")
}

// try attaches a file in the telephone and sends it to what is written there.
func (b *browser) try(field, name string, data []byte) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.run("send "+name, chromedp.SetUploadFiles(`#try-form input[name="`+field+`"]`, []string{path}, chromedp.ByQuery),
		chromedp.WaitEnabled("#try-send", chromedp.ByQuery), chromedp.Click("#try-send", chromedp.ByQuery))
}

// tried waits for the nth reply of the draft.
func (b *browser) tried(n int, text string) {
	b.t.Helper()
	b.shows(text)
	const drafts = `[...document.querySelectorAll("#try-lines li")].filter((li) => li.innerText.includes("draft")).length`
	b.until("the draft's reply", drafts+" === "+strconv.Itoa(n))
}
