package app

import (
	"testing"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/store"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press types keys where the focus is, as a keyboard does: a letter comes only if
// the page let the stroke pass. (chromedp.KeyEvent sends the two apart.)
func (b *browser) press(keys string) {
	b.t.Helper()
	var strokes chromedp.Tasks
	for _, key := range keys {
		for _, event := range kb.Encode(key) {
			switch event.Type {
			case input.KeyDown:
				event.Text = letter(key)
			case input.KeyChar:
				continue
			}
			strokes = append(strokes, event)
		}
	}
	b.run("press "+keys, strokes)
}

// letter is what a key writes; Esc writes nothing.
func letter(key rune) string {
	if key == '\x1b' {
		return ""
	}
	return string(key)
}

// isTrue asks the page once: for what must not have happened.
func (b *browser) isTrue(what, expression string) {
	b.t.Helper()
	var ok bool
	b.run(what, chromedp.Evaluate("!!("+expression+")", &ok))
	if !ok {
		b.t.Errorf("%s: not so", what)
	}
}

const (
	escape      = "\x1b"
	focusOn     = "document.activeElement.id === "
	focusedChat = `document.activeElement.classList.contains("chat-row") && document.activeElement.querySelector(".chat-name").textContent === `
	keysShown   = `document.getElementById("keys").open`
)

// twoChats is a dashboard with two customers who have been answered: Luis wrote
// last and is first in the list.
func twoChats(t *testing.T) (*rig, *browser) {
	t.Helper()
	r, b := newDashboard(t)
	luis := emulator.User{Phone: "34600999888", Name: "Luis"}
	r.post(r.meta.Text(ana, "a word of Ana's"))
	r.reads(ana, "re: a word of Ana's")
	r.post(r.meta.Text(luis, "a word of Luis's"))
	r.reads(luis, "re: a word of Luis's")
	r.idle()
	return r, b
}

// The list is walked, searched and opened without a mouse.
func TestBrowserKeysInTheList(t *testing.T) {
	r, b := twoChats(t)
	b.open("/conversations")
	b.press("j")
	b.until("j goes to the first", focusedChat+`"Luis"`)
	r.post(r.meta.Text(emulator.User{Phone: "34600999888", Name: "Luis"}, "one more word"))
	b.until("the list is drawn anew", `document.querySelector(".chat-last").textContent.includes("re: one more word")`)
	b.isTrue("and the focus stays where it was", focusedChat+`"Luis"`)
	b.press("j")
	b.until("j goes on", focusedChat+`"Ana"`)
	b.press("j")
	b.until("j stays at the end", focusedChat+`"Ana"`)
	b.press("k")
	b.until("k goes back", focusedChat+`"Luis"`)

	b.press("?")
	b.until("? shows the keys", keysShown)
	b.press("jt/")
	b.isTrue("behind the list of keys nothing moves", keysShown+` && !document.activeElement.closest(".chat-list")`)
	b.press(escape)
	b.until("Esc closes the list of keys", "!"+keysShown)

	b.press("/")
	b.until("/ goes to the search", focusOn+`"chat-search"`)
	b.isTrue("the stroke itself is not searched for", `document.activeElement.value === ""`)
	b.press("jkt?/")
	b.until("keys are letters while one types", `document.getElementById("chat-search").value === "jkt?/"`)
	b.isTrue("and do nothing else", focusOn+`"chat-search" && !`+keysShown)
	b.until("the search was made", `location.search.includes("q=jkt")`)
	b.press(escape)
	b.until("Esc leaves the field", "document.activeElement === document.body")

	b.open("/conversations")
	b.press("jj\r")
	b.until("Enter opens the second", `location.pathname === "/conversations/1" && document.getElementById("lines")`)
	b.clean("keys in the list")
}

// A person takes over, writes and looks at a reason without a mouse.
func TestBrowserKeysInTheTranscript(t *testing.T) {
	r, b := twoChats(t)
	b.open("/conversations/1")
	b.run("open the reason", chromedp.Focus(".line-why", chromedp.ByQuery))
	b.press("\r")
	b.until("the reason is read out", focusOn+`"drawer" && document.activeElement.firstChild`)
	b.press(escape)
	b.until("Esc closes the reason", `!document.getElementById("drawer").firstChild`)
	b.until("and goes back to where one was", `document.activeElement.classList.contains("line-why")`)

	b.run("begin a note", chromedp.Focus("#note", chromedp.ByQuery))
	b.press("t?/jk")
	b.until("a note may hold any letter", `document.getElementById("note").value === "t?/jk"`)
	b.isTrue("nobody took over", `document.getElementById("take") && !`+keysShown)
	b.press(escape)
	b.press("t")
	b.until("t takes over, and one may write", focusOn+`"text"`)
	b.press("to kiss? just kidding/")
	b.until("an answer may hold any letter", `document.getElementById("text").value === "to kiss? just kidding/"`)
	b.isTrue("no list of keys", "!"+keysShown)
	r.post(r.meta.Text(ana, "a word in between"))
	b.shows("a word in between")
	b.isTrue("what was written stays, and the cursor", focusOn+`"text" && document.getElementById("text").value === "to kiss? just kidding/"`)
	b.press(escape)
	b.until("Esc leaves the field, and what was written stays", `document.activeElement === document.body && document.getElementById("text").value !== ""`)
	b.press("t")
	b.until("t goes back to it", focusOn+`"text"`)
	b.press("\r")
	b.shows("to kiss? just kidding/")
	b.until("Enter sends", `document.getElementById("text") && document.getElementById("text").value === ""`)
	b.clean("keys in the transcript")
}

// Where there is something to search, / goes there.
func TestBrowserKeysElsewhere(t *testing.T) {
	_, b := newDashboard(t)
	b.open("/health")
	b.press("/jkt?" + escape)
	b.isTrue("keys without a meaning do nothing", `location.pathname === "/health"`)
	b.open("/logs")
	b.press("/")
	b.until("/ goes to the search", focusOn+`"q"`)
	b.press("a/b")
	b.until("and is a letter there", `document.getElementById("q").value === "a/b"`)
	b.until("the search was made", `location.search.includes("q=a")`)
	b.clean("keys elsewhere")
	b.press(escape)
	b.until("Esc leaves the field", "document.activeElement === document.body")
}

// The box to answer in is drawn anew where somebody else answers. Who writes a note
// at that moment goes on writing the note: the customer is not sent it.
func TestBrowserTheBoxTakesNoFocus(t *testing.T) {
	r, b := twoChats(t)
	b.open("/conversations/1")
	b.run("begin a note", chromedp.Focus("#note", chromedp.ByQuery))
	b.drawnAnew(func() { r.post(r.meta.Echo(ana, "from the phone")) })
	b.isTrue("the note has the focus", focusOn+`"note"`)
	b.press("for us")
	b.until("and what is typed", `document.getElementById("note").value === "for us" && document.getElementById("text").value === ""`)

	b.run("begin an answer", chromedp.Focus("#text", chromedp.ByQuery))
	b.press("on my")
	b.drawnAnew(func() {
		if _, err := r.app.store.TakeOver(1, store.UntilHandedBack, "Bea"); err != nil {
			t.Error(err)
		}
		r.app.store.Log(store.Event{Kind: store.EventMessage, ConversationID: 1, Text: "A person took the conversation over."}) // as the page does: it wakes the others
	})
	b.press(" way")
	b.until("the answer goes on", focusOn+`"text" && document.getElementById("text").value === "on my way"`)
	b.clean("the box drawn anew")
}

// drawnAnew waits until the box to answer in was drawn anew by what happens, and
// htmx has done all that it does after that.
func (b *browser) drawnAnew(happens func()) {
	b.t.Helper()
	b.run("listen", chromedp.Evaluate(`window.drawn = false;
		document.addEventListener("htmx:afterSettle", (e) => { if (e.target.id === "foot") setTimeout(() => { window.drawn = true; }); }); 0`, nil))
	happens()
	b.until("the box is drawn anew", "window.drawn")
}
