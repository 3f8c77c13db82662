package app

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"astromesh/runtime/model/modeltest"

	"github.com/chromedp/chromedp"
)

// A model is downloaded from the card of the first run, by a real Ollama: a name
// that does not exist, half way, cancelled, gone on with, used, and it answers.
func TestBrowserModelDownload(t *testing.T) {
	registry := modeltest.NewRegistry(t)
	server := modeltest.Start(t, registry.Env)
	tiny, size := registry.Publish(t, "tiny", modeltest.Script{Default: "I have just arrived."})
	r := newRig(t, rigOptions{})
	r.env["OLLAMA_HOST"] = server.URL
	r.restart()
	_, admin := r.app.Addrs()
	b := newBrowser(t, "http://"+admin)
	b.look(1280, "light")
	b.claim(r.app.web.SetupLink())
	b.open("/setup/model")
	b.shows("No model is installed yet")

	b.download(registry.Host + "/library/nothing:latest")
	b.shows("There is no model " + registry.Host + "/library/nothing:latest to download.")
	b.accessible("a download that failed")
	b.keep("download-failed")

	release := registry.Hold(t, size/2)
	b.download(tiny)
	half := `!!document.querySelector(".pull progress") && document.querySelector(".pull progress").value === ` + strconv.FormatInt(size/2, 10)
	b.until("half of it", half)
	b.keep("download-half")
	b.accessible("a download")
	b.open("/setup/model") // who leaves and comes back finds it going on
	b.until("half of it, after coming back", half)
	b.run("cancel", chromedp.Evaluate(`window.left = true; 0`, nil), chromedp.Click(`.pull form button`, chromedp.ByQuery))
	b.shows("was cancelled. What came so far is kept")
	b.until("the page after that", `!window.left && document.readyState === "complete"`) // the one before says it as well

	release()
	b.download(tiny)
	b.shows(tiny + " is here.")
	b.run("use it", chromedp.WaitVisible(`#model-state form[action$="/use"] button`, chromedp.ByQuery), chromedp.Click(`#model-state form[action$="/use"] button`, chromedp.ByQuery))
	b.shows("in use")
	b.keep("download-used")
	// Ollama asks anew for what has not come for half a minute, which may be by itself.
	began := registry.Began()
	if len(began) < 2 || slices.ContainsFunc(began[1:], func(at int64) bool { return at != size/2 }) {
		t.Errorf("the downloads began at %d, want all but the first half way", began)
	}
	r.until("the new version", func() bool {
		a, ok := r.app.agents.Get("shop")
		return ok && strings.HasSuffix(a.Models()[0].Name(), tiny)
	})
	r.post(r.meta.Text(ana, "is anybody there?"))
	r.reads(ana, "I have just arrived.")
	b.clean("model download")
}

// download types a name into the card and presses the button.
func (b *browser) download(name string) {
	b.t.Helper()
	b.run("download "+name, chromedp.WaitEnabled(`#model ~ button`, chromedp.ByQuery),
		chromedp.Evaluate(`document.querySelector("#model").value = "`+name+`"; 0`, nil), chromedp.Click(`#model ~ button`, chromedp.ByQuery))
}
