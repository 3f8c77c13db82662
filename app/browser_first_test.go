package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/runtime/model/modeltest"

	"github.com/chromedp/chromedp"
	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"
)

const (
	firstToken  = "EAAGfirstruntokenfirstrun"
	firstWABA   = "2000000000000002"
	firstKnows  = "You write for the bakery Crumb & Ember. It opens at seven."
	firstAnswer = "We open at seven."
	firstNext   = ".setup-foot a.btn:not(.btn-link)"
)

// newcomer is the program as it comes: the files it brings along, an empty store
// and nothing in its environment but where the model server is. Meta knows the
// app, but sends it nothing yet.
func newcomer(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, rigOptions{meta: emulator.Config{AccessTokens: []string{firstToken}, WABAID: firstWABA, VerifiedName: "Crumb & Ember", NotSubscribed: true}})
	r.stop()
	for _, name := range []string{"channels.yaml", "agents/whatsapp-assistant.agent.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "config", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		r.write(name, string(text))
	}
	r.remove("agents/shop.agent.yaml")
	r.remove("runtime.yaml")
	r.env, r.data, r.ctx = map[string]string{"OLLAMA_HOST": r.ollama.URL}, t.TempDir(), t.Context()
	// It answers right only with the instructions that were typed into the card.
	r.ollama.Set("talker", modeltest.FakeModel{Capabilities: []model.Capability{"completion", "tools"}, Answer: func(req api.ChatRequest) modeltest.Reply {
		if strings.Contains(req.Messages[0].Content, firstKnows) {
			return modeltest.Text(firstAnswer)
		}
		return modeltest.Text("I was told nothing.")
	}})
	r.start()
	return r
}

// The whole way as it is meant: the one-time link, the owner, each card in its
// turn with what is clicked and typed there, the first message, and Home.
func TestBrowserFirstRunByTheCards(t *testing.T) {
	r := newcomer(t)
	_, admin := r.app.Addrs()
	b := newBrowser(t, "http://"+admin)
	b.look(1280, "light")
	b.claim(r.app.web.SetupLink())
	b.on("/setup/model")
	b.shows("The agent asks for llava:7b, llama3.1:8b, which is not installed.")
	b.click(`button[aria-label="Use talker"]`, `button[aria-label="Use talker:latest"]`)
	b.until("the model in use", `document.querySelector("#model-state .badge")`)
	b.click(firstNext)
	b.on("/setup/meta")
	b.connect(r)
	b.click(firstNext)
	b.on("/setup/agent")
	b.run("tell the agent", chromedp.Clear("#name", chromedp.ByQuery), chromedp.SendKeys("#name", "Ember", chromedp.ByQuery),
		chromedp.Clear("#instructions", chromedp.ByQuery), chromedp.SendKeys("#instructions", firstKnows, chromedp.ByQuery))
	b.click(`form[action="/setup/agent"] .btn-primary`)
	b.on("/setup/test")
	b.shows("Waiting for the first message")
	const green = `document.querySelectorAll("#arrivals .check-ok").length`
	b.until("the address is known, and nothing has come", green+" === 1")
	b.clean("the cards")

	// From here on the page is only looked at until it is green.
	r.post(r.meta.Text(ana, "When do you open?"))
	r.reads(ana, firstAnswer)
	b.until("green", green+` === 3 && document.querySelector('.setup-step.done[href="/setup/test"]')`)
	b.keep("first-run-green")
	b.click(`#arrivals .btn-primary`)
	b.on("/setup/done")
	b.shows("Everything works: your agent answers on WhatsApp.")
	b.click(".setup-foot .btn-primary")
	b.on("/")
	b.until("no way back to the set-up is offered", `document.querySelector("#content") && !document.querySelector('a[href="/setup/next"]')`)
	b.clean("home")
}

// connect fills in the card of the credentials with those of the emulator, a
// wrong token first, and has Meta send the messages here.
func (b *browser) connect(r *rig) {
	b.t.Helper()
	webhook, _ := r.app.Addrs()
	b.shows("There is no access token yet, so Meta was not asked.")
	b.fill("access_token", "EAAGsomebodyelsestoken", "phone_number_id", testPhone, "waba_id", firstWABA, "app_secret", testSecret, "public_url", "http://"+webhook)
	const save = `form[action="/setup/meta"] > .btn-primary`
	b.click(save)
	b.until("Meta's refusal beside the field", `document.querySelector("#access_token-error")`)
	b.fill("access_token", firstToken, "app_secret", testSecret)
	b.click(save)
	b.shows("Meta takes the access token, and it does not expire.")
	b.shows("The number belongs to Crumb & Ember")
	b.shows("The app secret is the app's.")
	b.shows("No app gets the messages of the business account")
	b.click("#meta-check .btn-primary")
	b.shows("Your app gets the messages of the business account.")
	b.shows("Meta has checked this address. No message has come yet.")
	b.keep("first-run-meta")
}

// fill types into fields what stands behind their names.
func (b *browser) fill(pairs ...string) {
	b.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		b.run("fill in "+pairs[i], chromedp.Clear("#"+pairs[i], chromedp.ByQuery), chromedp.SendKeys("#"+pairs[i], pairs[i+1], chromedp.ByQuery))
	}
}

// click presses what the selectors name, where a person would.
func (b *browser) click(selectors ...string) {
	b.t.Helper()
	all := strings.Join(selectors, ", ")
	b.run("click "+all, chromedp.WaitVisible(all, chromedp.ByQuery), chromedp.Click(all, chromedp.ByQuery))
}

// on waits until a page has been led to.
func (b *browser) on(path string) {
	b.t.Helper()
	b.until("the page "+path, `location.pathname === "`+path+`" && document.readyState === "complete"`)
}
