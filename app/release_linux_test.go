package app

import (
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Letting the code pages go makes the process smaller, and it runs on. They are
// read first: another test may have let them go already.
func TestReleaseStartup(t *testing.T) {
	readOwnPages(t)
	before := mappedFromFiles(t)
	if err := releaseStartup(); err != nil {
		t.Fatal(err)
	}
	after := mappedFromFiles(t)
	if t.Logf("%d kB of files are mapped, %d before", after, before); after >= before {
		t.Error("nothing was let go")
	}
}

// readOwnPages has the kernel map what releaseStartup lets go.
func readOwnPages(t *testing.T) {
	t.Helper()
	own, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	memory, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = memory.Close() }() // it was only read
	for _, m := range unchanged(smaps, own) {
		if _, err := io.Copy(io.Discard, io.NewSectionReader(memory, int64(m.from), int64(m.to-m.from))); err != nil {
			t.Fatal(err)
		}
	}
}

// mappedFromFiles is RssFile, in kB.
func mappedFromFiles(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "RssFile:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kb
}

// A page that differs from the file, or that somebody may write to, is never let go.
func TestUnchangedMappings(t *testing.T) {
	entry := func(perms, path string, changed int) string {
		return "00400000-01e9d000 " + perms + " 00000000 fe:00 1234   " + path + "\nSize: 27252 kB\nRss: 100 kB\nAnonymous:   " + strconv.Itoa(changed) + " kB\nVmFlags: rd ex\n"
	}
	for text, want := range map[string]int{
		entry("r-xp", "/bin/own", 0):   1,
		entry("r--p", "/bin/own", 0):   1,
		entry("r--p", "/bin/own", 8):   0, // the loader wrote into it
		entry("rw-p", "/bin/own", 0):   0,
		entry("r--s", "/bin/own", 0):   0,
		entry("r-xp", "/lib/other", 0): 0,
		entry("rw-p", "", 4) + entry("r-xp", "/bin/own", 0) + entry("r--p", "/bin/own", 0): 2,
		"": 0,
	} {
		if got := unchanged([]byte(text), "/bin/own"); len(got) != want || want > 0 && got[0] != (mapping{0x400000, 0x1e9d000}) {
			t.Errorf("%q: %v, want %d", text, got, want)
		}
	}
}
