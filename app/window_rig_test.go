//go:build linux

package app

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// screen is a display without a monitor, with a window manager.
type screen struct {
	t   *testing.T
	env []string // DISPLAY and the folders of a user of its own
}

// displayTools are what a test of the window needs, by their Debian packages.
var displayTools = map[string]string{
	"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "wmctrl": "wmctrl", "import": "imagemagick", "pkg-config": "pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev",
}

// newScreen starts one, or leaves the test out and says what brings it in.
func newScreen(t *testing.T) *screen {
	t.Helper()
	missing := ""
	for tool, packages := range displayTools {
		if _, err := exec.LookPath(tool); err != nil {
			missing += " " + packages
		}
	}
	if missing == "" && exec.CommandContext(t.Context(), "pkg-config", "--exists", "gtk+-3.0", "webkit2gtk-4.1").Run() != nil {
		missing = " libgtk-3-dev libwebkit2gtk-4.1-dev"
	}
	if missing != "" {
		why := "left out: no screen, no window; install it (Debian: apt-get install" + missing + ")"
		if strings.Contains(os.Getenv("ASTROMESH_TEST_REQUIRE"), "display") {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	s := &screen{t: t}
	s.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "XDG_RUNTIME_DIR=" + t.TempDir(), "LANG=C.UTF-8",
		"GSETTINGS_BACKEND=memory", "NO_AT_BRIDGE=1", "DISPLAY=:" + s.serve(),
	}
	log := s.daemon(exec.CommandContext(t.Context(), "openbox"))
	eventually(t, "the window manager", log, func() bool { return s.try("wmctrl", "-m") == nil })
	return s
}

// serve starts the display on a number that is free, and gives the number.
func (s *screen) serve() string {
	s.t.Helper()
	number, w, err := os.Pipe()
	if err != nil {
		s.t.Fatal(err)
	}
	defer number.Close()
	// Without -noreset it throws everybody out whenever its last client leaves, which
	// may be a look for the window manager that is just coming.
	cmd := exec.CommandContext(s.t.Context(), "Xvfb", "-noreset", "-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	log := s.daemon(cmd)
	_ = w.Close()                                         // the display has its own
	line, err := bufio.NewReader(number).ReadString('\n') // to its end: the display dies of a reader who leaves early
	if err != nil {
		s.t.Fatalf("the display did not start: %v: %s", err, log)
	}
	return strings.TrimSpace(line)
}

// daemon runs until the test ends; what it has to say is in the log.
func (s *screen) daemon(cmd *exec.Cmd) (log *syncBuffer) {
	s.t.Helper()
	log = &syncBuffer{}
	cmd.Env, cmd.Stderr = append(os.Environ(), s.env...), log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // "signal: killed"
	})
	return log
}

func (s *screen) try(name string, args ...string) error {
	_, err := s.output(name, args...)
	return err
}

func (s *screen) output(name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(s.t.Context(), name, args...)
	cmd.Env = s.env
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	return out, err
}

func (s *screen) must(name string, args ...string) {
	s.t.Helper()
	if err := s.try(name, args...); err != nil {
		s.t.Fatal(err)
	}
}

// window is the id of the visible window of a title, or "".
func (s *screen) window(title string) string {
	out, _ := s.output("xdotool", "search", "--onlyvisible", "--name", "^"+title+"$") // fails where there is none
	id, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return id
}

// waitWindow waits until a window is visible, or is not.
func (s *screen) waitWindow(title string, visible bool, log *syncBuffer) (id string) {
	s.t.Helper()
	eventually(s.t, fmt.Sprintf("window %q, visible %v,", title, visible), log, func() bool {
		id = s.window(title)
		return (id != "") == visible
	})
	return id
}

// picture is what a window shows.
func (s *screen) picture(id string) image.Image {
	s.t.Helper()
	out, err := s.output("import", "-silent", "-window", id, "png:-")
	if err != nil {
		s.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		s.t.Fatal(err)
	}
	return img
}

// keep writes a picture to ASTROMESH_SCREENSHOTS, if that names a folder.
func (s *screen) keep(name, id string) {
	dir := os.Getenv("ASTROMESH_SCREENSHOTS")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		s.t.Logf("no screenshot of %s: %v", name, err)
		return
	}
	if err := s.try("import", "-silent", "-window", id, filepath.Join(dir, name+".png")); err != nil {
		s.t.Logf("no screenshot of %s: %v", name, err)
	}
}

// click presses the left button at a place in a window.
func (s *screen) click(id string, x, y float64) {
	s.t.Helper()
	s.must("xdotool", "mousemove", "--window", id, strconv.Itoa(int(x)), strconv.Itoa(int(y)), "click", "1")
}

// block is the side of the squares, in pixels, in which pictures are compared.
const block = 16

// ink is how many squares of a picture are more than paper.
func ink(img image.Image) (n int) {
	size := img.Bounds()
	for y := size.Min.Y; y+block <= size.Max.Y; y += block {
		for x := size.Min.X; x+block <= size.Max.X; x += block {
			if inked(img, image.Rect(x, y, x+block, y+block)) {
				n++
			}
		}
	}
	return n
}

// likeness says how much of the ink of two pictures is at the same places, from
// 0 to 1: fonts are drawn a little differently, but a blank page, a page of
// errors or the login have their ink elsewhere.
func likeness(a, b image.Image) float64 {
	both, either := 0, 0
	size := a.Bounds().Intersect(b.Bounds())
	for y := size.Min.Y; y+block <= size.Max.Y; y += block {
		for x := size.Min.X; x+block <= size.Max.X; x += block {
			place := image.Rect(x, y, x+block, y+block)
			inA, inB := inked(a, place), inked(b, place)
			if inA && inB {
				both++
			}
			if inA || inB {
				either++
			}
		}
	}
	if either == 0 {
		return 0
	}
	return float64(both) / float64(either)
}

// inked says whether a place is more than paper: near white, in these pages.
func inked(img image.Image, place image.Rectangle) bool {
	for y := place.Min.Y; y < place.Max.Y; y++ {
		for x := place.Min.X; x < place.Max.X; x++ {
			r, g, b, _ := img.At(x, y).RGBA()
			if min(r, g, b) < 0xb000 {
				return true
			}
		}
	}
	return false
}

// settled waits until a window looks like want, which lies at a place in it, and
// gives how like it is in the end.
func (s *screen) settled(id string, want image.Image, at image.Point, enough float64, wait time.Duration) (like float64) {
	s.t.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	limit := time.After(wait)
	for {
		if like = likeness(want, cut(s.picture(id), want.Bounds().Size(), at)); like >= enough {
			return like
		}
		select {
		case <-look.C:
		case <-limit:
			return like
		}
	}
}

// cut is the piece of a picture at a place, moved to the corner.
func cut(img image.Image, size, at image.Point) image.Image {
	piece := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(piece, piece.Bounds(), img, at, draw.Src)
	return piece
}
