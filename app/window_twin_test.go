//go:build linux

package app

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// sameEnough is asked of two drawings of one page. 0.95 and more are usual; where
// the page says when things happened and how long they took, 0.85. Other pages have
// less than half in common.
const sameEnough = 0.7

// twin is the program in its window, and Chromium on another one of it with the
// same pages: Chromium says where on a page something is and how the page ought
// to look, the window is clicked there and looked at.
type twin struct {
	*screen
	b       *browser
	program string
	seat    *seatRig
	cmd     *exec.Cmd
	log     *syncBuffer
	id      string // of the window
	ended   chan struct{}
}

// buildWindow builds the program with its window.
func buildWindow(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "astromesh-desktop")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "desktop,production,webkit2_41", "-o", program, "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return program
}

// newTwin makes the pair; start opens the window.
func newTwin(t *testing.T, s *screen, program, dashboard string) *twin {
	t.Helper()
	own := *s
	own.t = t
	w := &twin{screen: &own, program: program, seat: newSeatRig(t), b: newBrowser(t, dashboard)}
	w.b.run("size", chromedp.EmulateViewport(1280, 860))
	downloads := t.TempDir()
	var tools string
	for _, e := range w.seat.env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			tools = path
		}
	}
	w.seat.env = append(append(w.seat.env, s.env...), "PATH="+tools+":"+os.Getenv("PATH"), "XDG_DOWNLOAD_DIR="+downloads, "HOME="+t.TempDir())
	return w
}

// start opens the window.
func (w *twin) start(args ...string) {
	w.t.Helper()
	w.cmd, w.log = w.begin(args...)
	w.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // its code is looked at in end
		close(ended)
	}(w.cmd, w.ended)
	w.id = w.waitWindow("Astromesh", true, w.log)
}

func (w *twin) begin(args ...string) (*exec.Cmd, *syncBuffer) {
	w.t.Helper()
	cmd, log := exec.CommandContext(w.t.Context(), w.program, args...), &syncBuffer{}
	cmd.Env, cmd.Stderr, cmd.Dir = w.seat.env, log, w.t.TempDir()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	return cmd, log
}

// end wants the program to end, with a code.
func (w *twin) end(code int) {
	w.t.Helper()
	select {
	case <-w.ended:
	case <-time.After(patience): // it leaves by itself, with another code, after stopBudget
		w.t.Fatalf("it did not end: %s", w.log)
	}
	if got := w.cmd.ProcessState.ExitCode(); got != code {
		w.t.Errorf("it ended with %d, want %d: %s", got, code, w.log)
	}
}

// same wants the window to look as the page does in Chromium, and keeps a picture.
func (w *twin) same(name string) {
	w.t.Helper()
	like := 0.0
	for limit := time.Now().Add(patience); like < sameEnough && time.Now().Before(limit); {
		var shot []byte // of now: both pages may still be moving
		w.b.run("picture", chromedp.CaptureScreenshot(&shot))
		want, err := png.Decode(bytes.NewReader(shot))
		if err != nil {
			w.t.Fatal(err)
		}
		like = w.settled(w.id, want, image.Point{}, sameEnough, patience/10)
	}
	w.keep("window-"+name, w.id)
	if w.t.Logf("%s: likeness %.2f", name, like); like < sameEnough {
		w.b.keep("window-" + name + "-expected")
		w.t.Fatalf("%s: the window does not look like the page: %.2f: %s", name, like, w.log)
	}
}

// place is the middle of an element of the page.
func (w *twin) place(selector string) (x, y float64) {
	w.t.Helper()
	var at []float64
	w.b.run("find "+selector, chromedp.WaitVisible(selector, chromedp.ByQuery), chromedp.Evaluate(
		"(() => { const r = document.querySelector(`"+selector+"`).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()", &at))
	if y = at[1]; y > 860 {
		w.t.Fatalf("%s is below the window's edge", selector)
	}
	return at[0], y
}

// press clicks in the window alone.
func (w *twin) press(selector string) {
	w.t.Helper()
	x, y := w.place(selector)
	w.click(w.id, x, y)
}

// follow clicks in both; page is part of the address that Chromium comes to.
func (w *twin) follow(selector, page string) {
	w.t.Helper()
	w.press(selector)
	w.b.run("click "+selector, chromedp.Click(selector, chromedp.ByQuery))
	w.b.until("page "+page, "location.pathname.startsWith('"+page+"') && document.readyState === 'complete'")
}

// fill types into a field of both, until it looks the same in both: a busy
// machine loses a key now and then.
func (w *twin) fill(selector, text string) {
	w.t.Helper()
	w.b.run("type", chromedp.SendKeys(selector, text, chromedp.ByQuery))
	var shot []byte
	w.b.run("picture", chromedp.Screenshot(selector, &shot, chromedp.ByQuery))
	want, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		w.t.Fatal(err)
	}
	middle, height := w.place(selector)
	corner := image.Pt(int(middle)-want.Bounds().Dx()/2, int(height)-want.Bounds().Dy()/2)
	for range 5 {
		w.press(selector)
		w.must("xdotool", "key", "ctrl+a")
		w.must("xdotool", "type", "--delay", "30", text)
		if w.settled(w.id, want, corner, 0.9, patience/5) >= 0.9 {
			return
		}
	}
	w.keep("window-fill", w.id)
	w.b.keep("window-fill-expected")
	w.t.Fatalf("%q could not be typed", text)
}

// address is where the program's dashboard listens, from its log.
func (w *twin) address(key string) string {
	w.t.Helper()
	value := ""
	eventually(w.t, "the start", w.log, func() bool {
		_, rest, found := strings.Cut(w.log.String(), " "+key+"=")
		value, _, _ = strings.Cut(rest, " ")
		return found
	})
	return value
}

// answers says whether the program's webhook listener answers.
func (w *twin) answers() bool {
	res, err := http.Get("http://" + w.address("webhook") + "/healthz")
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

// A measure that finds everything alike proves nothing.
func TestLikenessCanFail(t *testing.T) {
	page := func(squares ...image.Point) image.Image {
		img := image.NewGray(image.Rect(0, 0, 320, 320))
		for i := range img.Pix {
			img.Pix[i] = 0xff
		}
		for _, p := range squares {
			img.Pix[img.PixOffset(p.X, p.Y)] = 0
		}
		return img
	}
	one := page(image.Pt(20, 20), image.Pt(200, 40))
	if got := likeness(one, page(image.Pt(25, 22), image.Pt(203, 41))); got != 1 {
		t.Errorf("the same page: %v", got)
	}
	for name, other := range map[string]image.Image{"blank": page(), "elsewhere": page(image.Pt(100, 100)), "half": page(image.Pt(20, 20))} {
		if got := likeness(one, other); got >= sameEnough {
			t.Errorf("%s: %v", name, got)
		}
	}
}
