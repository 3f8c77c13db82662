//go:build linux

package app

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Without a screen it is one sentence, and nothing was begun.
func windowNeedsAScreen(t *testing.T, s *screen, program string) {
	for name, display := range map[string]string{"none": "", "nobody serves it": ":4711"} {
		data := filepath.Join(t.TempDir(), "data")
		cmd := exec.CommandContext(t.Context(), program, "desktop", "--data-dir", data)
		cmd.Env = append(slices.Clone(s.env), "DISPLAY="+display)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 || string(out) != "astromesh: "+noScreenSays+"\n" {
			t.Errorf("%s: %v: %q", name, err, out)
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: it began all the same", name)
		}
	}
}

// noScreenSays repeats errNoScreen, which only the build with a window has.
const noScreenSays = `there is no screen to show a window on: sign in to a graphical desktop and start it there, or use "astromesh serve", which needs none`

// A program that cannot start says so in its window: from a menu nobody reads
// what it prints.
func windowSaysWhy(t *testing.T, s *screen, program string) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	w := newTwin(t, s, program, "http://127.0.0.1:9")
	before := w.seat.env
	w.seat.env = append(w.seat.env, "ASTROMESH_ADMIN_ADDR="+taken.Addr().String())
	w.start("desktop")
	w.seat.env = before
	// Three lines of it. What is shown before has the sign and a word or two.
	eventually(t, "the sentence", w.log, func() bool { return ink(w.picture(w.id)) > 100 })
	w.keep("window-cannot-start", w.id)
	w.must("wmctrl", "-i", "-c", w.id)
	w.end(1)
	if said := w.log.String(); !strings.Contains(said, "the dashboard's address "+taken.Addr().String()+" cannot be used") {
		t.Errorf("it says %q", said)
	}
}

// Without GTK the system ends a program before its first line: the script that
// the packages start it by makes a sentence of that.
func windowNeedsGTK(t *testing.T, program string) {
	root := t.TempDir()
	lib := filepath.Join(root, "lib", "astromesh")
	if err := os.MkdirAll(filepath.Join(root, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(lib, 0o755); err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("..", "build", "linux", "astromesh-desktop"))
	if err == nil {
		err = os.WriteFile(filepath.Join(root, "bin", "astromesh-desktop"), script, 0o700)
	}
	if err == nil {
		err = os.Link(program, filepath.Join(lib, "astromesh-desktop"))
	}
	if err != nil {
		t.Fatal(err)
	}
	run := func(without string) (string, int) {
		cmd := exec.CommandContext(t.Context(), filepath.Join(root, "bin", "astromesh-desktop"), "version")
		if without != "" {
			cmd = exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-c", `mount --bind /dev/null "$1" && exec "$2" desktop`, "sh", without, cmd.Path)
		}
		out, _ := cmd.CombinedOutput() // the code says it
		return string(out), cmd.ProcessState.ExitCode()
	}
	if out, code := run(""); code != 0 || !strings.HasPrefix(out, "astromesh ") {
		t.Errorf("with GTK: %d %q", code, out)
	}
	if os.Getuid() != 0 {
		t.Skip("left out: taking GTK away needs root")
	}
	libs, err := exec.CommandContext(t.Context(), "ldd", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(libs)) {
		if words := strings.Fields(line); len(words) > 2 && strings.HasPrefix(words[0], "libgtk-3") {
			if out, code := run(words[2]); code != 1 || strings.Count(out, "\n") != 1 || !strings.Contains(out, "no GTK") {
				t.Errorf("without GTK: %d %q", code, out)
			}
		}
	}
}
